"""Quality: how often a coalition's votes come to the answer that is known to be right.

The votes are those on record, so no model is asked. `first` counts the blind first answers: nobody had
heard anybody, so they are what the coalition would have said without the others, and its vote is what a
panel of it alone would have come to without an exchange. `last` counts the ballots of the decision: they
were cast after the exchange, and whom an absent seat persuaded stays persuaded. What a coalition would
have come to with an exchange of its own is measured by `branches`.
"""

from collections.abc import Collection, Sequence
from typing import Literal

from folkmoot.eval.stored import before, decision_of, polled, rule_of
from folkmoot.eval.worth.players import Player
from folkmoot.eval.worth.shapley import Coalition, Memo
from folkmoot.protocols.polling import Poll, occasion
from folkmoot.protocols.rules import Count, Rule
from folkmoot.records import QUESTION, Decision, InputError, Place, Stance, Transcript

Votes = Literal["first", "last"]

_SHARE = Rule(name="plurality", quorum=0)
"""Where no rule of the book decided: a judge, say."""


def right(decided: Count | Decision, gold: str, options: Sequence[str]) -> float:
    """How likely a decision is to be right, where one that is none is a guess.

    1 or 0 where an option won; 1/k where the right one is among k that tie; 1/m of m options where
    nothing was decided.
    """
    if decided.winner is not None:
        return float(decided.winner == gold)
    if decided.status == "tied" and decided.tied:
        return float(gold in decided.tied) / len(decided.tied)
    return 1 / len(options)


def quality(
    transcript: Transcript, players: Sequence[Player], gold: str, votes: Votes = "first"
) -> Memo:
    """The game of one run: coalition → how likely its votes, under the run's own rule, are right.

    Nobody is a guess: one over the number of options.

    Raises:
        InputError: the question is open, the right answer is none of its options, or there are no
            blind first answers.
    """
    options = transcript.opening.options
    if options is None:
        raise InputError("the question is open: there is no option to be right", "name options")
    if gold not in options:
        raise InputError(
            f"the right answer {gold!r} is none of the options", f"they are: {', '.join(options)}"
        )
    rule = rule_of(decision_of(transcript)) or _SHARE
    found = _first(transcript, rule) if votes == "first" else _last(transcript, rule)
    here = occasion(_place(transcript))
    seats = {player.name: player.seats for player in players}

    def value(coalition: Coalition) -> float:
        there = {seat for name in coalition for seat in seats[name]}
        ballots = [ballot for ballot in found.ballots if ballot.seat in there]
        return right(rule.count(ballots, options, here), gold, options)

    return Memo(value)


def alone(transcript: Transcript, seats: Collection[str], gold: str) -> float | None:
    """How often the blind first answers of some seats are right, a guess where one is none.

    None where a seat was not asked blind.
    """
    options = transcript.opening.options
    firsts = [stance for stance in blind_stances(transcript) if stance.seat in seats]
    if options is None or {stance.seat for stance in firsts} != set(seats):
        return None
    scores = [
        1 / len(options) if each.choice is None else float(each.choice == gold) for each in firsts
    ]
    return sum(scores) / len(scores)


def blind_stances(transcript: Transcript) -> tuple[Stance, ...]:
    """The first stance of each seat on the question, of those who took it before anybody else had
    said anything."""
    firsts = {each.seat: each for each in reversed(transcript.stands(QUESTION))}
    spoken = transcript.spoken()
    return tuple(
        firsts[seat]
        for seat in transcript.opening.seats
        if seat in firsts
        and not any(turn.seat != seat and turn.step < firsts[seat].step for turn in spoken)
    )


def _first(transcript: Transcript, rule: Rule) -> Poll:
    firsts = blind_stances(transcript)
    asked = {stance.seat for stance in transcript.stands(QUESTION)}
    if not asked:
        raise InputError("no seat took a stance on the question", "there are no votes to count")
    if {stance.seat for stance in firsts} != asked:
        raise InputError(
            "not every first answer is blind: some seat had heard another by then",
            "value its coalitions by branches, or count its last votes",
        )
    seen = Transcript(transcript.opening, firsts, _place(transcript).place)
    return polled(seen, decision_of(transcript), rule, fill=False)


def _last(transcript: Transcript, rule: Rule) -> Poll:
    decision = decision_of(transcript)
    own = rule.name == decision.rule
    return polled(before(transcript, decision), decision, rule, fill=not own)


def _place(transcript: Transcript) -> Transcript:
    """Read from the place of the decision: what is drawn there is drawn as it was."""
    decision = decision_of(transcript)
    return transcript.at(Place(decision.step, int(decision.params.get("turn", 1)) - 1, "decide"))
