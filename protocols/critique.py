"""Critique: the critics accept the draft or object to it, with a typed issue in their own words.

A critic is shown the draft, and beside it what its hearing lets through, if it has one: other critics'
objections of the round before, for one. A critic that does not read the drafter is not asked.
"""

from folkmoot.agents import reading, voice
from folkmoot.protocols.condition import Finding
from folkmoot.protocols.draft import author, latest_draft
from folkmoot.protocols.hearing import Heard, Hearing, filterings, hears
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.turns import in_order, turn
from folkmoot.protocols.weighed import weighed
from folkmoot.records import Call, Issue, Party, Record, Reply, Stance, Transcript, Turn
from folkmoot.records.base import Frozen

VERDICTS = ("accept", "reject")

ISSUE_TYPES: dict[str, str] = {
    "factual": "it says something that is not so",
    "reasoning": "its reason does not support its answer",
    "omission": "it leaves out something that matters",
    "value": "it goes against what I value",
}
"""Type of an issue → how a critic is asked for it."""


class Verdict(Frozen):
    """Every critic accepts or rejects the draft as it stands, weighed in both orders."""

    drafter: str | None = None
    hearing: Hearing | None = None
    """What a critic is shown beside the draft; None for nothing."""
    again: bool = False
    """Whether a draft that has its verdicts gets new ones: something was said about it since."""
    name: str = "verdict"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls a critic; without `again` none for a draft that has its verdicts."""
        return self._calls(seen, self.hearing)

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The same calls where nothing is held back."""
        return self._calls(seen, self.hearing and self.hearing.widest)

    def _calls(self, seen: Transcript, hearing: Hearing | None) -> tuple[Call, ...]:
        draft = latest_draft(seen)
        calls = Calls(seen)
        if draft is None or (seen.stands(draft.id) and not self.again):
            return ()
        heard = _shown(seen, draft, hearing)
        for party in _critics(seen, author(seen, self.drafter)):
            if draft not in heard[party.seat].turns:
                continue
            for reverse in (False, True):
                laid_out = voice.choice(VERDICTS, reverse=reverse)
                task = (
                    f"{voice.options_block(laid_out)}\n"
                    f"From your perspective, do you accept {draft.id} as the panel's answer?"
                )
                segments = (
                    *heard[party.seat].common(seen.opening.question),
                    voice.own(party),
                    voice.task(task),
                    voice.opened("Answer:"),
                )
                calls.choose(party, "verdict", segments, laid_out.continuations, about=draft.id)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A stance on the draft for each critic."""
        stances = [
            weighed(seen, pair[0].seat, VERDICTS, pair, pair[0].about or "", order)
            for order, pair in enumerate(zip(replies[::2], replies[1::2], strict=True))
        ]
        return (*_filterings(seen, self.hearing, replies), *stances)


class Critique(Frozen):
    """Every critic that rejects the draft types its objection and says it."""

    drafter: str | None = None
    hearing: Hearing | None = None
    """What a critic is shown beside the draft; None for nothing."""
    name: str = "critique"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """For each rejecting critic one `generate` call and two `choose` calls for the type."""
        return self._calls(seen, self.hearing)

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The same calls where nothing is held back."""
        return self._calls(seen, self.hearing and self.hearing.widest)

    def _calls(self, seen: Transcript, hearing: Hearing | None) -> tuple[Call, ...]:
        draft = latest_draft(seen)
        calls = Calls(seen)
        if draft is None:
            return ()
        heard = _shown(seen, draft, hearing)
        for party in _rejecting(seen, author(seen, self.drafter)):
            if draft not in heard[party.seat].turns:
                continue
            prompt = (*heard[party.seat].common(seen.opening.question), voice.own(party))
            task = voice.task(
                f"You do not accept {draft.id}. What is wrong with it? Answer in one sentence."
            )
            calls.generate(
                party, "object", (*prompt, task, voice.opened("Answer:")), about=draft.id
            )
            for reverse in (False, True):
                laid_out = voice.choice(tuple(ISSUE_TYPES.values()), reverse=reverse)
                ask = (
                    f"You do not accept {draft.id}.\n{voice.options_block(laid_out)}\n"
                    "What is wrong with it? Answer with the letter."
                )
                segments = (*prompt, voice.task(ask), voice.opened("Answer:"))
                calls.choose(party, "type", segments, laid_out.continuations, about=draft.id)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A message for each objection, and its issue where the type could be read."""
        draft = latest_draft(seen)
        if draft is None:
            return ()
        said = {reply.seat: reply for reply in replies if reply.purpose == "object"}
        turns = [
            turn(seen, reply, place, "critique", replies_to=(draft.id,))
            for place, reply in enumerate(in_order(seen, said))
        ]
        issues: list[Record] = []
        for message in turns:
            type_ = _type([r for r in replies if r.purpose == "type" and r.seat == message.seat])
            if type_ is None or not message.heard:
                continue
            issues.append(
                Issue(
                    step=seen.place.step,
                    order=len(issues),
                    id=seen.next_id("I", len(issues)),
                    seat=message.seat,
                    round=seen.place.round,
                    about=draft.id,
                    type=type_,
                    message=message.id,
                )
            )
        return (*_filterings(seen, self.hearing, replies), *turns, *issues)


class Accepted(Frozen):
    """Stopping rule: every critic whose last verdict on the latest draft could be read accepts it."""

    name: str = "accepted"

    def look(self, seen: Transcript) -> Finding:
        """Whether of the critics' last verdicts on the latest draft no valid one rejects it, and one
        accepts it.

        The figure is the share of valid verdicts that accept.
        """
        draft = latest_draft(seen)
        if draft is None:
            return Finding(True, says="there is no draft")
        last = _last(seen, draft)
        verdicts = [stance.choice for stance in last.values() if stance.state == "valid"]
        if not verdicts:
            return Finding(False, bar=1, says="no verdict could be read")
        accepted = verdicts.count("accept")
        says = f"{accepted} of {len(verdicts)} critics accept {draft.id}"
        return Finding(accepted == len(verdicts), accepted / len(verdicts), 1, says)


def _shown(seen: Transcript, draft: Turn, hearing: Hearing | None) -> dict[str, Heard]:
    """The draft for all; with a hearing, for those who read its author, and what else they hear."""
    if hearing is None:
        alone = Heard((draft,), (voice.Message.of(draft),))
        return dict.fromkeys(seen.opening.seats, alone)
    return hears(seen, hearing, beside=(draft,))


def _filterings(
    seen: Transcript, hearing: Hearing | None, replies: tuple[Reply, ...]
) -> tuple[Record, ...]:
    draft = latest_draft(seen)
    if hearing is None or draft is None:
        return ()
    asked = dict.fromkeys(reply.seat for reply in replies)
    return filterings(_shown(seen, draft, hearing), asked)


def _critics(seen: Transcript, drafter: str) -> tuple[Party, ...]:
    return tuple(party for party in seen.opening.parties if party.seat != drafter)


def _rejecting(seen: Transcript, drafter: str) -> tuple[Party, ...]:
    draft = latest_draft(seen)
    last = {} if draft is None else _last(seen, draft)
    rejects = {seat for seat, stance in last.items() if stance.choice == "reject"}
    return tuple(party for party in _critics(seen, drafter) if party.seat in rejects)


def _last(seen: Transcript, draft: Turn) -> dict[str, Stance]:
    """The last verdict of each critic."""
    return {stance.seat: stance for stance in seen.stands(draft.id)}


def _type(replies: list[Reply]) -> str | None:
    names = tuple(ISSUE_TYPES)
    # By name: the options were laid out by their descriptions, in the same order and by letter.
    orders = (voice.choice(names), voice.choice(names, reverse=True))
    if len(replies) != len(orders):
        return None
    return reading.weigh(names, list(zip(orders, replies, strict=True))).choice
