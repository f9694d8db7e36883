"""The audit: what must hold in every run, checked over its transcript alone.

Each check is a generator of findings, one line each; no finding means that it holds. A run that has
not ended is checked as far as it has come.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from folkmoot.records.acts import QUESTION, Ballot, Move, Stance
from folkmoot.records.attribution import attributions, losers
from folkmoot.records.canonical import scrub, text_digest
from folkmoot.records.conflict_log import entries
from folkmoot.records.conflicts import Conflict, Event, Span
from folkmoot.records.ends import PRINCIPLED, resolves
from folkmoot.records.ledger import Ledger, LedgerLine
from folkmoot.records.recount import recount
from folkmoot.records.references import references
from folkmoot.records.terms import RELATIONS, ConflictKind
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
        for holders in ("parties", "held_first"):
            held = Counter(seat for each in conflict.positions for seat in getattr(each, holders))
            for seat in (seat for seat, times in held.items() if times > 1):
                yield f"{conflict.id}: {seat} is on two sides ({holders})"
        if len(conflict.positions) < 2:
            yield f"{conflict.id} has fewer than two positions"


def differences(transcript: Transcript) -> Iterator[str]:
    """Every difference in the blind first round is in the log, seat by seat.

    Once there is a decision: where first stances on the question differ, a conflict about it names
    each of those seats as the first holder of its choice, or has an event in which it moved. A run
    whose log has rules over stances switched off does not promise it.
    """
    if "rule" not in (transcript.opening.protocol.log or {}).get("layers", ("rule",)):
        return
    first = _first_stances(transcript)
    if transcript.decision is None or not _differ(transcript, first):
        return
    conflict = _main(transcript)
    if conflict is None:
        yield f"first stances differ ({_who(first)}) and no conflict is logged"
        return
    held = {seat: each.summary for each in conflict.positions for seat in each.held_first}
    moved = {event.by for event in conflict.history if event.event in ("conceded", "withdrawn")}
    for seat, choice in first.items():
        if held.get(seat) != choice and seat not in moved:
            yield f"{conflict.id}: {seat} first held {choice!r}; the log does not say so"


def changes(transcript: Transcript) -> Iterator[str]:
    """No stance on the question changes without a move, and no move without a change.

    Once there is a decision, each move is also an event of the conflict about the question: conceded
    for a reason in the matter itself, else withdrawn. The event's reason is the one that the seat
    declared, or another that a quotation shows or, for format_error, an unreadable stance. It is
    unexplained only where nothing shows any.
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
    names = {each.id: each.summary for each in conflict.positions}
    told = {
        (each.by, each.round, names.get(each.to_position or "")): each
        for each in conflict.history
        if each.event in ("conceded", "withdrawn")
    }
    for move in moves:
        event = told.get((move.seat, move.round, move.to_choice))
        if event is None or not _accounts_for(transcript, event, move):
            yield f"{conflict.id} has no event for the move of {move.seat} in round {move.round}"
        elif event.reason == "unexplained" and (event.cites or event.spans):
            yield f"{conflict.id} calls the move of {move.seat} unexplained, and shows a reason"
        elif (event.event == "conceded") != (event.reason in PRINCIPLED):
            yield f"{conflict.id} says that {move.seat} {event.event} by {event.reason}"


def _accounts_for(transcript: Transcript, event: Event, move: Move) -> bool:
    """Whether an event has the reason of a move: as declared, or shown by something else."""
    if event.cites != move.cites:
        return False
    if event.reason == "format_error":
        stands = transcript.stands(seat=move.seat)
        return any(each.state == "unreadable" and each.round <= move.round for each in stands)
    return event.reason == move.because or (event.reason != "unexplained" and bool(event.spans))


def settlements(transcript: Transcript) -> Iterator[str]:
    """Conflicts are drawn up before the decision, each is settled once, and no end looks like
    another: outvoted takes a vote or a judge that decided, resolved takes a rule that its kind
    allows, agreement takes neither."""
    decision = transcript.decision
    if decision is None:
        return
    settled = Counter(each.conflict for each in transcript.settlements)
    for conflict in transcript.conflicts:
        if conflict.step >= decision.step:
            yield f"{conflict.id} was drawn up after the decision"
        if settled[conflict.id] != 1:
            yield f"{conflict.id} is settled {settled[conflict.id]} times"
    kinds: dict[str, ConflictKind | None] = {each.id: each.kind for each in transcript.conflicts}
    for each in transcript.settlements:
        rule, kind = each.resolution.rule, kinds.get(each.conflict)
        decided = decision.status == "decided" and rule in ("vote", "judge")
        if each.status == "outvoted" and not decided:
            yield f"{each.conflict} is outvoted by rule {rule!r}, decision {decision.status}"
        if each.status == "outvoted" and resolves(rule, kind):
            yield f"{each.conflict} is outvoted by {rule!r}, which resolves it: {kind}"
        if each.status == "resolved" and rule == "none":
            yield f"{each.conflict} is resolved by no rule"
        elif each.status == "resolved" and not resolves(rule, kind):
            yield f"{each.conflict} is resolved by {rule!r}, which cannot resolve it: {kind}"
        if each.status in ("conceded", "went_along", "open", "narrowed") and rule == "vote":
            yield f"{each.conflict} is {each.status}, and yet was settled by a vote"


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


def silences(transcript: Transcript) -> Iterator[str]:
    """The answer treats every conflict; silence on a serious unsettled one is flagged, and so is
    what is not so; nothing else is."""
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
        misstated = treatment.treatment == "misstated"
        if misstated != bool(treatment.misstatements):
            yield f"{entry.id} is {treatment.treatment}: {len(treatment.misstatements)} misstatements"
        elif not misstated and treatment.treatment != how:
            yield f"{entry.id} is {treatment.treatment} with {voiced} positions voiced"
        fails = {True: "misstates", False: "is silent on"}[misstated]
        if (misstated or how == "silent") and entry.serious and not treatment.flagged:
            yield f"the answer {fails} {entry.id} ({entry.status}), and it is not flagged"
        if treatment.flagged and not (entry.serious and (misstated or how == "silent")):
            yield f"{entry.id} is flagged without cause: {treatment.treatment}, {entry.status}"


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


def _steps(transcript: Transcript) -> Iterator[tuple[Stance, Stance]]:
    """Each valid stance of a seat on the question with its next valid one."""
    for seat in transcript.opening.seats:
        valid = [each for each in transcript.stands(seat=seat) if each.state == "valid"]
        yield from pairwise(valid)


def _first_stances(transcript: Transcript) -> dict[str, str]:
    """Seat → its choice in the first round in which anyone took a stand on the question: a stance on
    a choice question, the first choice among the seats' messages on an open one."""
    stands: Sequence[Stance | Ballot] = transcript.stands()
    if transcript.opening.options is None:
        known = {turn.id for turn in transcript.turns}
        stands = [each for each in transcript.ballots if known.issuperset(each.options)]
    first = min((each.round for each in stands), default=0)
    return {
        each.seat: each.choice
        for each in reversed(stands)
        if each.round == first and each.state == "valid" and each.choice is not None
    }


def _differ(transcript: Transcript, held: Mapping[str, str]) -> bool:
    """Whether seats hold different things; candidates of the same words are one."""
    words = {turn.id: turn.text.strip() for turn in transcript.turns if turn.id in held.values()}
    return len({words.get(choice, choice) for choice in held.values()}) > 1


def _main(transcript: Transcript) -> Conflict | None:
    """The conflict over the question that stances or first choices show; a clerk reads words."""
    found = (each for each in transcript.conflicts if each.about == QUESTION)
    return next((each for each in found if each.detection.rule != RELATIONS), None)


def _who(held: dict[str, str]) -> str:
    return ", ".join(f"{seat}: {choice}" for seat, choice in sorted(held.items()))


def _over_seats(lines: Iterable[LedgerLine], figure: str) -> int:
    # A seat of whose calls none was answered has no figure, and adds none to the total.
    return sum(getattr(line, figure) or 0 for line in lines)
