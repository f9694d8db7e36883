"""The audit: what must hold in every run, checked over its transcript alone.

Each check is a generator of findings, one line each; no finding means that it holds. A run that has
not ended is checked as far as it has come.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from folkmoot.records.attribution import attributions, losers
from folkmoot.records.canonical import scrub, text_digest
from folkmoot.records.conflicts import Span
from folkmoot.records.endings import settlements, severities, silences, statuses
from folkmoot.records.held import changes, differences, holders, paths
from folkmoot.records.ledger import Ledger, LedgerLine
from folkmoot.records.recount import recount
from folkmoot.records.references import references
from folkmoot.records.transcript import Transcript


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
        for when in ("parties", "held_first"):
            held = Counter(seat for each in conflict.positions for seat in getattr(each, when))
            for seat in (seat for seat, times in held.items() if times > 1):
                yield f"{conflict.id}: {seat} is on two sides ({when})"
        if len(conflict.positions) < 2:
            yield f"{conflict.id} has fewer than two positions"


def tensions(transcript: Transcript) -> Iterator[str]:
    """A value that was read from the text has the sentence that names it, said for its position."""
    seats = {turn.id: turn.seat for turn in transcript.turns}
    for conflict in transcript.conflicts:
        sides = {position.id: position for position in conflict.positions}
        for each in (each for each in conflict.values_in_tension if each.source == "text"):
            if each.span is None:
                yield f"{conflict.id}: {each.value} is read from the text, and no sentence names it"
                continue
            side = sides.get(each.position)
            said = {span.message for span in side.spans} if side else set[str]()
            if each.span.message not in said:
                yield f"{conflict.id}: {each.value} is read from words of {seats.get(each.span.message)}"


def ratifications(transcript: Transcript) -> Iterator[str]:
    """A dissenter is asked of its own dissent alone, once, and no statement stands but its words.

    Those that it confirmed, or could say nothing of, are the words of the settlement; a correction,
    like the condition on which it would take a conflict up again, is a message of its own.
    """
    said = Counter((each.conflict, each.seat) for each in transcript.ratifications)
    for conflict, seat in (who for who, times in said.items() if times > 1):
        yield f"{seat} ratified its dissent in {conflict} {said[conflict, seat]} times"
    dissents = {
        (each.conflict, dissent.seat): dissent
        for each in transcript.settlements
        for dissent in each.dissent
    }
    for each in (*transcript.ratifications, *transcript.conditions):
        where = f"the {each.record} of {each.seat} in {each.conflict}"
        dissent = dissents.get((each.conflict, each.seat))
        if dissent is None:
            yield f"{where}: it does not dissent there"
        elif each.record == "reopen_if" or each.state == "corrected":
            role = "condition" if each.record == "reopen_if" else "dissent"
            own = {turn.id for turn in transcript.spoken(role=role) if turn.seat == each.seat}
            if each.span is None or each.span.message not in own:
                yield f"{where} is no {role} in its own words"
        elif each.span != dissent.span or each.position != dissent.position:
            yield f"{where} is {each.state}, and yet not what was on record"


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
    tensions,
    differences,
    holders,
    changes,
    paths,
    statuses,
    severities,
    recount,
    settlements,
    losers,
    attributions,
    ratifications,
    silences,
)
"""Every check that takes a transcript alone, in the order of the report."""


def _spans(transcript: Transcript) -> Iterator[tuple[str, Span]]:
    for conflict in transcript.conflicts:
        for position in conflict.positions:
            yield from ((position.id, span) for span in position.spans)
        for each in conflict.values_in_tension:
            if each.span is not None:
                yield f"{conflict.id}, {each.value}", each.span
        for event in conflict.history:
            yield from ((f"{conflict.id}, {event.event}", span) for span in event.spans)
    for settlement in transcript.settlements:
        for dissent in settlement.dissent:
            if dissent.span is not None:
                yield f"the dissent of {dissent.seat}", dissent.span
    for judged in (*transcript.relations, *transcript.restatements):
        yield from ((judged.id, each) for each in (judged.first, judged.second) if each)
    for each in (*transcript.ratifications, *transcript.conditions):
        if each.span is not None:
            yield f"the {each.record} of {each.seat}", each.span


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


def _over_seats(lines: Iterable[LedgerLine], figure: str) -> int:
    # A seat of whose calls none was answered has no figure, and adds none to the total.
    return sum(getattr(line, figure) or 0 for line in lines)
