"""The audit: what must hold in every run, checked over its transcript alone.

Each check is a generator of findings, one line each; no finding means that it holds. A run that has
not ended is checked as far as it has come.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, Final

from folkmoot.records.acts import QUESTION, Stance
from folkmoot.records.canonical import scrub, text_digest
from folkmoot.records.conflict_log import entries
from folkmoot.records.conflicts import Conflict, Span
from folkmoot.records.ledger import Ledger, LedgerLine
from folkmoot.records.recount import recount
from folkmoot.records.references import references
from folkmoot.records.transcript import Transcript

_SERIOUS: Final = 2
"""The severity from which the gate must flag a silence."""

_UNSETTLED: Final = ("open", "narrowed", "went_along", "outvoted")
"""Ends that are no agreement: the difference is still there, or no reason was given for its end."""


def audit(transcript: Transcript) -> tuple[str, ...]:
    """Every finding about a transcript; none if all invariants hold."""
    return tuple(finding for check in CHECKS for finding in check(transcript))


def quotations(transcript: Transcript) -> Iterator[str]:
    """Every quotation slices out of its message, to the codepoint, and names its digest."""
    turns = {turn.id: turn for turn in transcript.turns}
    for where, span in _spans(transcript):
        turn = turns.get(span.message)
        if turn is None:
            yield f"{where} quotes {span.message}, which is not on record"
        elif not 0 <= span.start < span.end <= len(turn.text):
            yield f"{where} quotes {span.message} {span.start}..{span.end}, beyond its text"
        elif turn.text[span.start : span.end] != span.exact:
            yield f"{where} quotes {span.message} {span.start}..{span.end} otherwise than it reads"
        elif text_digest(turn.text) != span.message_sha256:
            yield f"{where} quotes {span.message} under a digest that is not its own"


def words(transcript: Transcript) -> Iterator[str]:
    """Every message is its reply's own text, or a string inside it where the reply is JSON."""
    replies = {reply.call: reply for reply in transcript.replies}
    for turn in transcript.turns:
        reply = replies.get(turn.call)
        if reply is None:
            yield f"{turn.id} comes from {turn.call}, which has no reply"
        elif turn.heard and reply.state not in ("ok", "cut_off"):
            yield f"{turn.id} has text, but the reply to {turn.call} is {reply.state}"
        elif turn.heard and turn.text not in reply.text and turn.text not in _strings(reply.text):
            yield f"{turn.id} is not what the reply to {turn.call} says"


def positions(transcript: Transcript) -> Iterator[str]:
    """No seat is on two sides of a conflict, and a conflict has two sides."""
    for conflict in transcript.conflicts:
        for holders in ("parties", "held_first"):
            held = Counter(seat for each in conflict.positions for seat in getattr(each, holders))
            for seat in (seat for seat, times in held.items() if times > 1):
                yield f"{conflict.id}: {seat} is on two sides ({holders})"
        if len(conflict.positions) < 2:
            yield f"{conflict.id} has fewer than two positions"


def differences(transcript: Transcript) -> Iterator[str]:
    """Every difference in the blind first round is in the log, seat by seat.

    Once there is a decision: where first stances on the question differ, a conflict about it names
    each of those seats as the first holder of its choice, or has an event in which it moved.
    """
    first = _first_stances(transcript)
    if transcript.decision is None or len(set(first.values())) < 2:
        return
    conflict = _main(transcript)
    if conflict is None:
        yield f"first stances differ ({_who(first)}) and no conflict is logged"
        return
    held = {seat: each.summary for each in conflict.positions for seat in each.held_first}
    moved = {event.by for event in conflict.history if event.event in ("conceded", "went_along")}
    for seat, choice in first.items():
        if held.get(seat) != choice and seat not in moved:
            yield f"{conflict.id}: {seat} first held {choice!r}; the log does not say so"


def changes(transcript: Transcript) -> Iterator[str]:
    """No stance on the question changes without a move, and no move without a change.

    Once there is a decision, each move is also an event of the conflict about the question, under
    the reason that the seat gave.
    """
    if transcript.decision is None:
        return
    changed: Counter[tuple[str, int, str, str]] = Counter()
    for before, after in _steps(transcript):
        if before.choice != after.choice:
            changed[after.seat, after.round, before.choice or "", after.choice or ""] += 1
    moves = [move for move in transcript.moves if move.about == QUESTION]
    moved = Counter((each.seat, each.round, each.from_choice, each.to_choice) for each in moves)
    for seat, round, before, after in changed - moved:
        yield f"{seat} went from {before!r} to {after!r} in round {round} without a move on record"
    for seat, round, before, after in moved - changed:
        yield f"{seat} never went from {before!r} to {after!r} in round {round}"
    conflict = _main(transcript)
    if conflict is None:
        return
    events = {(each.by, each.round, each.event, each.reason) for each in conflict.history}
    for move in moves:
        event = "conceded" if move.because == "argument" else "went_along"
        if (move.seat, move.round, event, move.because) not in events:
            yield f"{conflict.id} has no event for the move of {move.seat} in round {move.round}"


def settlements(transcript: Transcript) -> Iterator[str]:
    """Conflicts are drawn up before the decision, each is settled once, and no end looks like
    another: outvoted takes a vote that decided, resolved takes a rule, agreement takes neither."""
    decision = transcript.decision
    if decision is None:
        return
    settled = Counter(each.conflict for each in transcript.settlements)
    for conflict in transcript.conflicts:
        if conflict.step >= decision.step:
            yield f"{conflict.id} was drawn up after the decision"
        if settled[conflict.id] != 1:
            yield f"{conflict.id} is settled {settled[conflict.id]} times"
    for each in transcript.settlements:
        rule = each.resolution.rule
        if each.status == "outvoted" and (rule != "vote" or decision.status != "decided"):
            yield f"{each.conflict} is outvoted by rule {rule!r}, decision {decision.status}"
        if each.status == "resolved" and rule == "none":
            yield f"{each.conflict} is resolved by no rule"
        if each.status in ("conceded", "went_along", "open", "narrowed") and rule == "vote":
            yield f"{each.conflict} is {each.status}, and yet was settled by a vote"


def losers(transcript: Transcript) -> Iterator[str]:
    """Who was outvoted dissents on record: all holders of every position but the winning one."""
    for entry in entries(transcript):
        if entry.status != "outvoted":
            continue
        dissenting = {(each.seat, each.position) for each in entry.dissent}
        winning = [
            each
            for each in entry.positions
            if not any((seat, each.id) in dissenting for seat in each.parties)
        ]
        for position in (each for each in entry.positions if each not in winning):
            for seat in position.parties:
                if (seat, position.id) not in dissenting:
                    yield f"{entry.id}: {seat} was outvoted and is not among the dissents"
        held = [each.summary for each in winning if each.parties]
        if len(held) > 1:
            yield f"{entry.id} is outvoted, but of {', '.join(held)} only one can have won"
        winner = transcript.decision.winner if transcript.decision else None
        if entry.about == QUESTION and any(summary != winner for summary in held):
            yield f"{entry.id}: holders of {held[0]!r} lost and do not dissent"


def silences(transcript: Transcript) -> Iterator[str]:
    """The answer treats every conflict, and silence on a serious unsettled one is flagged."""
    if transcript.answer is None:
        return
    for entry in entries(transcript):
        treatment = entry.treatment
        if treatment is None:
            yield f"the answer does not say how it treats {entry.id}"
            continue
        voiced = len(treatment.positions_voiced)
        how = (
            "silent" if not voiced else "partial" if voiced < len(entry.positions) else "addressed"
        )
        if treatment.treatment != how:
            yield f"{entry.id} is {treatment.treatment} with {voiced} positions voiced"
        serious = entry.status in _UNSETTLED and entry.severity.level >= _SERIOUS
        if how == "silent" and serious and not treatment.flagged:
            yield f"the answer is silent on {entry.id} ({entry.status}), and it is not flagged"


def sums(transcript: Transcript, ledger: Ledger) -> Iterator[str]:
    """The ledger is the sum of the replies."""
    usages = [reply.usage for reply in transcript.replies]
    measured = [usage for usage in usages if usage is not None]
    total = ledger.total
    if total.calls != len(usages):
        yield f"the ledger has {total.calls} calls and the record {len(usages)} replies"
    for figure in ("prompt", "completion", "cached", "computed"):
        known = [getattr(usage, figure) for usage in measured]
        stated = getattr(total, figure)
        if stated is not None and stated != sum(each for each in known if each is not None):
            yield f"the ledger has {stated} {figure} tokens; the replies have {sum(filter(None, known))}"
        if stated is not None and stated != _over_seats(ledger.seats.values(), figure):
            yield f"the seats' {figure} tokens do not add up to the total"


CHECKS: Final[tuple[Callable[[Transcript], Iterator[str]], ...]] = (
    references,
    quotations,
    words,
    positions,
    differences,
    changes,
    recount,
    settlements,
    losers,
    silences,
)
"""Every check that takes a transcript alone, in the order of the report."""


def _spans(transcript: Transcript) -> Iterator[tuple[str, Span]]:
    for conflict in transcript.conflicts:
        for position in conflict.positions:
            yield from ((position.id, span) for span in position.spans)
    for settlement in transcript.settlements:
        for dissent in settlement.dissent:
            if dissent.span is not None:
                yield f"the dissent of {dissent.seat}", dissent.span


def _strings(text: str) -> set[str]:
    """Every string inside a text that is JSON, scrubbed as a message is; none if it is not."""
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return set()
    found: set[str] = set()
    todo: list[Any] = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            found.add(scrub(item))
        elif isinstance(item, dict):
            todo += item.values()
        elif isinstance(item, list):
            todo += item
    return found


def _steps(transcript: Transcript) -> Iterator[tuple[Stance, Stance]]:
    """Each valid stance of a seat on the question with its next valid one."""
    for seat in transcript.opening.seats:
        valid = [each for each in transcript.stands(seat=seat) if each.state == "valid"]
        yield from pairwise(valid)


def _first_stances(transcript: Transcript) -> dict[str, str]:
    """Seat → its choice in the first round in which anyone took a stand on the question."""
    stands = transcript.stands()
    first = min((each.round for each in stands), default=0)
    return {
        each.seat: each.choice
        for each in reversed(stands)
        if each.round == first and each.state == "valid" and each.choice is not None
    }


def _main(transcript: Transcript) -> Conflict | None:
    return next((each for each in transcript.conflicts if each.about == QUESTION), None)


def _who(held: dict[str, str]) -> str:
    return ", ".join(f"{seat}: {choice}" for seat, choice in sorted(held.items()))


def _over_seats(lines: Iterable[LedgerLine], figure: str) -> int:
    # A seat of whose calls none was answered has no figure, and adds none to the total.
    return sum(getattr(line, figure) or 0 for line in lines)
