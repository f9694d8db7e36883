"""What a run has to show so that a row of the parity page is true."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from folkmoot.records import Call, Outcome

SEATS = ("ann", "bo", "cy", "di")
_MESSAGE = re.compile(r'<message id="(M\d+)"')


class Held(NamedTuple):
    """A run that was held, and what was asked in it."""

    outcome: Outcome
    calls: tuple[Call, ...]

    @property
    def seen(self):
        return self.outcome.transcript

    def reads(self, round: int, stage: str = "stand") -> dict[str, set[str]]:
        """Seat → whose messages it was shown in a stage of a round, itself left aside."""
        found: dict[str, set[str]] = {}
        for call in self.calls:
            if call.round == round and call.stage == stage:
                shown = _MESSAGE.findall("".join(each.text for each in call.segments))
                others = {self.seen.turn(each).seat for each in shown} - {call.seat}
                found.setdefault(call.seat, set()).update(others)
        return found

    def prompts(self, *, round: int | None = None, seat: str | None = None) -> list[str]:
        return [
            "".join(each.text for each in call.segments)
            for call in self.calls
            if round in (None, call.round) and seat in (None, call.seat)
        ]

    def reads_itself(self, round: int) -> bool:
        return any(
            self.seen.turn(each).seat == call.seat
            for call in self.calls
            if call.round == round and call.stage == "stand"
            for segment in call.segments
            for each in _MESSAGE.findall(segment.text)
        )

    def outlived(self, round: int) -> bool:
        """Whether messages of an earlier round than the last are shown in a round."""
        shown = {each for text in self.prompts(round=round) for each in _MESSAGE.findall(text)}
        return any(self.seen.turn(each).round < round - 1 for each in shown)


Shows = Callable[[Held], bool]


def rule(name: str, reads: str = "ranking", **params: Any) -> Shows:
    """It was decided by this rule, by ballots that carry what it reads."""

    def shows(held: Held) -> bool:
        decision = held.outcome.decision
        assert decision is not None
        cast = [each for each in held.seen.ballots if each.id in decision.ballots]
        carried = any(getattr(each, reads) for each in cast)
        return decision.rule == name and carried and params.items() <= decision.params.items()

    return shows


def reads(edges: str, round: int = 1) -> Shows:
    """In a round these read those and nobody else: "ann<bo,cy bo<ann"."""
    near = dict.fromkeys(SEATS, frozenset[str]())
    near |= {e.split("<")[0]: frozenset(e.split("<")[1].split(",")) for e in edges.split()}
    return lambda held: {seat: held.reads(round).get(seat, set()) for seat in SEATS} == near


def by(seat: str) -> Shows:
    """One seat decided."""
    return lambda held: held.outcome.decision.decided_by == seat


def said(role: str, *seats: str) -> Shows:
    """Messages of a role, of these seats and nobody else."""
    return lambda held: {turn.seat for turn in held.seen.spoken(role=role)} == set(seats)


def asked(*stages: str) -> Shows:
    """These stages asked somebody something."""
    return lambda held: set(stages) <= {call.stage for call in held.calls}


def ended(name: str, value: bool = True) -> Shows:
    """A rule was looked at, and held or not."""
    return lambda held: any(c.rule == name and c.holds is value for c in held.seen.checks)


def every(*shows: Shows) -> Shows:
    return lambda held: all(each(held) for each in shows)


def rounds(count: int) -> Shows:
    """So many rounds, the blind one among them, in which somebody spoke."""
    return lambda held: {turn.round for turn in held.seen.turns} == set(range(count))


def task(text: str) -> Shows:
    """Every seat is given a task in these words."""
    return lambda held: (
        {c.seat for c in held.calls if text in "".join(s.text for s in c.segments)} == set(SEATS)
    )


def in_prompts(pattern: str, *, there: bool = True) -> Shows:
    """After the blind round, messages are shown in this form, or never."""
    return lambda held: (
        any(re.search(pattern, each) for each in held.prompts(round=1, seat="ann")) is there
    )


def status(expected: str) -> Shows:
    """How it ended."""
    return lambda held: held.outcome.decision.status == expected


def alone(held: Held) -> bool:
    """One seat is asked, the others never."""
    return {call.seat for call in held.calls} == {"ann"}


def blind(held: Held) -> bool:
    """Nobody hears anybody before the votes are in."""
    return not any(held.reads(0).values()) and rounds(1)(held)


def in_turn(held: Held) -> bool:
    """In a round, whoever comes later hears who came before, in that round."""
    heard = held.reads(1)
    later = {each.seat: each.step for each in held.seen.turns if each.round == 1}
    first, last = min(later, key=later.__getitem__), max(later, key=later.__getitem__)
    now = {turn.id for turn in held.seen.turns if turn.round == 1 and turn.seat == first}
    shown = {each for text in held.prompts(round=1, seat=last) for each in _MESSAGE.findall(text)}
    return len(set(later.values())) == len(later) and bool(heard) and now <= shown


def scheduled(held: Held) -> bool:
    """In every round one seat acts, the author of the message that a seat picked, and has read all."""
    picks = {each.round: each.choice for each in held.seen.stances if each.about == "next"}
    spoken = {turn.round: turn for turn in held.seen.turns if turn.round}
    return bool(spoken) and all(
        number in picks
        and held.seen.turn(picks[number] or "").seat == turn.seat
        and {each.id for each in held.seen.turns if each.round < number}
        <= {
            name
            for text in held.prompts(round=number, seat=turn.seat)
            for name in _MESSAGE.findall(text)
        }
        for number, turn in spoken.items()
    )


def changed(held: Held) -> bool:
    """Somebody moved, and said which message moved it."""
    return any(move.cites for move in held.seen.moves)


def draws(held: Held) -> bool:
    return len(held.seen.spoken(role="candidate")) == 5 and alone(held)


def perspective(text: str) -> Shows:
    return lambda held: all(text in each for each in held.prompts(seat="di"))


MALLM = {
    "`memory`": every(reads("ann<bo,cy,di bo<ann,cy,di cy<ann,bo,di di<ann,bo,cy"), changed),
    "`report`": reads("ann<bo,cy,di bo<ann cy<ann di<ann"),
    "`relay`": reads("ann<di bo<ann cy<bo di<cy"),
    "`debate`": reads("ann<bo,cy bo<ann,di cy<ann di<bo"),
    "`collective_refinement`": reads("ann<bo,cy,di bo<ann,cy,di cy<ann,bo,di di<ann,bo,cy"),
    "`majority_consensus`": rule("majority"),
    "`supermajority_consensus`": rule("supermajority", threshold=0.66),
    "`hybrid_consensus`": rule("hybrid", turn=2),
    "`unanimity_consensus`": every(rule("unanimity"), status("deadlock")),
    "`simple_voting`": every(rule("plurality"), asked("vote")),
    "`approval_voting`": every(rule("approval", "approvals"), asked("vote")),
    "`cumulative_voting`": every(rule("cumulative", "points"), asked("vote")),
    "`ranked_voting`": every(rule("borda"), asked("vote")),
    "`consensus_voting`": rule("plurality", ties="lot"),
    "`judge`": by("ann"),
    "`anonymous`": every(
        in_prompts(r'<message id="M\d+" answer='), in_prompts("seat=", there=False)
    ),
    "`public`": in_prompts(r'<message id="M\d+" seat="bo" answer='),
    "`history`": lambda held: all(held.reads(0, "vote").values()),
    "`confidence_log_probs`": in_prompts(r'confidence="0\.70" answer="no"'),
    "`confidence_prompted`": lambda held: (
        {each.seat: each.confidence for each in held.seen.ballots}
        == {"ann": 0.9, "bo": 0.7, "cy": 0.8, "di": 0.7}
    ),
    "`simple`": every(rounds(2), changed),
    "`freetext`": every(asked("say"), task("Say what you think.")),
    "`splitfreetext`": every(asked("stand", "speak"), rounds(3)),
    "`critical`": every(asked("flaws"), said("critique", *SEATS)),
    "`reasoning`": every(in_prompts(r'<message id="M\d+">'), in_prompts("answer=", there=False)),
    "`expert`": perspective("I am a lawyer."),
    "`ipip`": perspective("I am outgoing, orderly and calm."),
    "`nopersona`": perspective("Your perspective: none declared"),
    "`max_turns`, `debate_rounds`": every(rounds(3), ended("settled")),
    "`visible_turns_in_memory`": lambda held: not held.outlived(2),
    "`num_neutral_agents`": said("draft", "ann"),
    "`all_agents_generate_first_draft`": lambda held: (
        {turn.seat for turn in held.seen.turns if turn.round == 0} == set(SEATS)
        and not any(held.reads(0).values())
    ),
    "`use_baseline`": alone,
    "`use_ablation`": every(alone, rounds(3)),
    '`judge_intervention="policy"`': every(
        said("critique", "di"), lambda held: "di" in held.reads(1)["ann"]
    ),
    "`challenge_final_results`": every(asked("refute"), said("critique", *SEATS)),
    "`skip_decision_making`": every(said("candidate", "ann"), status("no_forced_winner")),
}
DEBATE_LLM = {
    "`single_agent`": alone,
    "`medprompt`": draws,
    "`ensemble_refinement`": every(rounds(2), rule("plurality")),
    "`debateqa` (`RoundRobinDebateQA`)": every(in_turn, rule("plurality")),
    "`google_mad`": every(rounds(3), rule("plurality")),
    "`google_mad`, `summarize_answers`": every(said("summary", "ann"), asked("summarise")),
    "`tsinghua_mad`": every(by("di"), asked("affirm", "contradict", "moderate")),
    "`chateval`, `one_by_one`": in_turn,
    "`chateval`, `simultaneous_talk`": reads("ann<bo,cy,di bo<ann,cy,di cy<ann,bo,di di<ann,bo,cy"),
    "`chateval`, `simultaneous_talk_with_summarizer`": reads("bo<ann cy<ann di<ann"),
    "`DebateWithJudge`": by("di"),
    "`agreement_intensity`": task("Agree with the others unless you are sure"),
}
MOCO = {
    "Multiagent Refine": every(by("ann"), lambda held: len(held.reads(1)) == 4),
    "Multiagent Feedback": every(by("ann"), said("critique", *SEATS), rounds(2)),
    "Knowledge Card": every(by("ann"), task("Write down what you know")),
    "LLM Blender": by("ann"),
    "Heterogeneous Swarms": reads("bo<ann cy<ann di<bo,cy"),
    "Majority Vote": every(blind, rule("plurality", ties="lot")),
    "Structured Interaction, `chain`": reads("ann<bo bo<ann,cy cy<bo,di di<cy"),
    "Structured Interaction, `tree`": reads("ann<bo,cy bo<ann,di cy<ann di<bo"),
    "Structured Interaction, `star`": reads("ann<bo,cy,di bo<ann,cy,di cy<ann,bo,di di<ann,bo,cy"),
    "Structured Interaction, `circle`": reads("ann<di bo<ann cy<bo di<cy"),
    "Structured Interaction, `complete`": reads(
        "ann<bo,cy,di bo<ann,cy,di cy<ann,bo,di di<ann,bo,cy"
    ),
    "Structured Interaction, `other`": reads("ann<di di<ann"),
    "BBMAS": scheduled,
    "SLM-MUX": every(
        rule("most_consistent"), lambda held: len(held.seen.spoken(role="candidate")) == 20
    ),
    "AggLM": by("di"),
}
FREEMAD = {
    "`debate` mode, KEEP or REVISE": every(asked("flaws"), rule("trajectory", "held")),
    "conformity mode": every(rounds(2), changed),
    "scoring by trajectory, `weights`, `normalize`": rule("trajectory", "held"),
    "`tie_break: deterministic`": rule("trajectory", "held", ties="order"),
    "`tie_break: random`": rule("trajectory", "held", ties="lot"),
    "topology `all_to_all`": every(
        reads("ann<bo,cy,di bo<ann,cy,di cy<ann,bo,di di<ann,bo,cy"),
        lambda held: not held.reads_itself(1),
    ),
    "topology `k_reviewers`": lambda held: {len(near) for near in held.reads(1).values()} == {2},
    "topology `ring`": reads("ann<bo bo<cy cy<di di<ann"),
    "topology `star`": reads("ann<bo bo<ann,cy,di cy<bo di<bo"),
    "`deadlines.min_agents`": lambda held: len(held.seen.turns) >= len(SEATS) + 3,
    "`budget.max_total_time_sec`": every(ended("deadline"), rounds(1)),
    "`budget.max_total_tokens`": every(ended("tokens-spent"), rounds(1)),
    "`max_tokens_per_agent_per_round`, size caps": lambda held: any(
        each.altered for each in held.seen.filterings
    ),
    "`autonomous` mode: review with quorum": every(said("draft", "ann"), ended("accepted", False)),
}
PLURALS = {
    "`Chain`": lambda held: (
        held.reads(0)
        == {"ann": set(), "bo": {"ann"}, "cy": {"ann", "bo"}, "di": {"ann", "bo", "cy"}}
    ),
    "`Chain`, `cycles`, `shuffle`": every(in_turn, rounds(2)),
    "`Chain`, `last_n=1`": reads("bo<ann cy<bo di<cy", 0),
    "`Graph`": reads("bo<ann cy<ann,bo di<cy", 0),
    "`Debate`": every(by("di"), said("statement", "ann", "bo")),
    "`Ensemble`": blind,
    "`Moderator` over an `Ensemble`": by("di"),
    "`Moderator` over a `Debate`": every(by("di"), asked("contradict")),
    "persona `voting`": every(blind, rule("plurality")),
    "persona `divergent`": every(said("candidate", "di"), status("no_forced_winner")),
    "combination `synthesis`": by("di"),
    "combination `critique_revise`": said("draft", "di"),
    "`default`, `chain`": every(rounds(2), changed),
    "`debate`, `debate_minimal`": in_turn,
    "`debate_win`": asked("contradict"),
    "`debate_emotional`": task("Answer with a story of your own."),
    "`jury`, `debate_jury`": every(
        in_turn, rule("supermajority", threshold=1.0), status("deadlock")
    ),
    "`voting`": every(rule("plurality"), asked("vote")),
    "`critique_revise`": every(said("draft", "ann"), asked("critique", "revise")),
    "`minimal_discussion`": lambda held: (
        not any(call.stage == "judge" for call in held.calls) and rounds(2)(held)
    ),
    "`first_wave`, `debate_first_wave`": task("Give reasons that hold for everybody"),
    "`second_wave`, `debate_second_wave`": task("Tell what you have lived through"),
    "`persona`": perspective("I farm in a dry county."),
}
LANGGRAPH = {
    "Network (multi-agent collaboration)": scheduled,
    "Supervisor": scheduled,
    "Hierarchical teams": said("summary", "ann", "cy"),
    "Custom workflow": every(blind, rule("majority")),
    "Shared messages, full thought process": lambda held: held.outlived(2),
    "Shared messages, final results only": every(
        in_prompts('answer="no"></message>'), in_prompts("Reason c", there=False)
    ),
    "Agent names in messages": in_prompts(r'<message id="M\d+" seat="bo" answer='),
    "Parallelization: sections, voting": blind,
    "Routing": ended("all-of", False),
    "Orchestrator and workers": by("ann"),
    "Evaluator and optimizer; Reflection": every(said("draft", "ann"), asked("critique", "revise")),
    "Reflexion": every(asked("examine", "reply"), said("draft", "ann")),
}
SHOWS: dict[str, Shows] = {
    f"{peer}: {row}": shows
    for peer, table in (
        ("MALLM", MALLM),
        ("DebateLLM", DEBATE_LLM),
        ("MoCo", MOCO),
        ("freemad", FREEMAD),
        ("Plurals", PLURALS),
        ("LangGraph", LANGGRAPH),
    )
    for row, shows in table.items()
}
WAITS = {
    "freemad: `autonomous` mode: a person's answer",
    "LangGraph: Human in the loop (wait for input)",
}
"""Rows in which a person is waited for."""
