"""How conflicts end and what the answer says of it, held against the record: no end looks like another."""

from collections import Counter
from collections.abc import Iterator, Mapping

from folkmoot.records.acts import QUESTION
from folkmoot.records.conflict_log import entries
from folkmoot.records.conflicts import Conflict, Settlement
from folkmoot.records.decisions import Decision
from folkmoot.records.ends import SERIOUS, merged_on, resolves
from folkmoot.records.terms import ConflictKind
from folkmoot.records.transcript import Transcript
from folkmoot.records.treat import treatments


def statuses(transcript: Transcript) -> Iterator[str]:
    """A conflict's status before the decision is what its sides and its events come to: open or
    narrowed where two sides are held, conceded, went_along or dropped where one is or none."""
    for conflict in transcript.conflicts:
        sides = sum(1 for position in conflict.positions if position.parties)
        events = {event.event for event in conflict.history}
        differ = conflict.status in ("open", "narrowed")
        agreed = conflict.status in ("conceded", "went_along", "dropped")
        if (differ and sides < 2) or (agreed and sides > 1):
            yield f"{conflict.id} is {conflict.status}, and of its sides {sides} are held"
        elif conflict.status in ("outvoted", "resolved", "moot"):
            yield f"{conflict.id} is {conflict.status} before anything was decided"
        needed = {"conceded": "conceded", "went_along": "withdrawn"}.get(conflict.status)
        if needed is not None and needed not in events:
            yield f"{conflict.id} is {conflict.status}, and nobody has {needed}"


def severities(transcript: Transcript) -> Iterator[str]:
    """A level is what the rubric's parts come to; the question's own conflict is at least serious."""
    for conflict in transcript.conflicts:
        severity = conflict.severity
        due = max(SERIOUS if conflict.about == QUESTION else 1, severity.measured)
        if severity.level != due:
            yield (
                f"{conflict.id} is of level {severity.level}; its parts come to {severity.score}, "
                f"level {due}"
            )


def settlements(transcript: Transcript) -> Iterator[str]:
    """Conflicts are drawn up before the decision, each is settled once, and no end looks like
    another: outvoted takes a vote or a judge that decided, with its own margin, resolved takes a rule
    that its kind allows and that took place, agreement takes neither."""
    decision = transcript.decision
    if decision is None:
        return
    settled = Counter(each.conflict for each in transcript.settlements)
    conflicts: Mapping[str, Conflict] = {each.id: each for each in transcript.conflicts}
    for conflict in transcript.conflicts:
        if conflict.step >= decision.step:
            yield f"{conflict.id} was drawn up after the decision"
        if settled[conflict.id] != 1:
            yield f"{conflict.id} is settled {settled[conflict.id]} times"
    for each in transcript.settlements:
        conflict = conflicts.get(each.conflict)
        yield from _end(each, decision, conflict.kind if conflict else None)
        yield from _decided(each, decision)
        if conflict is not None:
            yield from _agreed(each, conflict, decision, open_question=_is_open(transcript))


def _end(each: Settlement, decision: Decision, kind: ConflictKind | None) -> Iterator[str]:
    """Whether the rule may end a conflict so."""
    rule = each.resolution.rule
    decided = decision.status == "decided" and rule in ("vote", "judge")
    if each.status == "outvoted" and not decided:
        yield f"{each.conflict} is outvoted by rule {rule!r}, decision {decision.status}"
    if each.status == "outvoted" and resolves(rule, kind):
        yield f"{each.conflict} is outvoted by {rule!r}, which resolves it: {kind}"
    if each.status == "resolved" and rule == "none":
        yield f"{each.conflict} is resolved by no rule"
    elif each.status == "resolved" and not resolves(rule, kind):
        yield f"{each.conflict} is resolved by {rule!r}, which cannot resolve it: {kind}"
    if each.status not in ("outvoted", "resolved") and rule in ("vote", "judge"):
        yield f"{each.conflict} is {each.status}, and yet was settled by a {rule}"


def _decided(each: Settlement, decision: Decision) -> Iterator[str]:
    """Whether the rule is the decision's, with its margin."""
    rule, margin = each.resolution.rule, each.resolution.margin
    if rule not in ("vote", "judge"):
        if each.resolution.decided_by is not None or margin is not None:
            yield f"{each.conflict} was not decided, and names who decided it or by what margin"
        return
    if (rule == "judge") != (decision.decided_by is not None):
        yield f"{each.conflict} is settled by a {rule}; it was decided by {_who(decision)}"
    if each.resolution.decided_by != _who(decision):
        yield f"{each.conflict} is said to be decided by {each.resolution.decided_by!r}; it was {_who(decision)!r}"
    if margin != decision.margin:
        yield f"{each.conflict} has the margin {margin}; the decision has {decision.margin}"


def _agreed(
    each: Settlement, conflict: Conflict, decision: Decision, *, open_question: bool
) -> Iterator[str]:
    """Whether what ended it, other than the decision, took place."""
    rule = each.resolution.rule
    if rule in ("fact_check", "veto", "timeout"):
        yield f"{conflict.id} is said to end by {rule!r}, of which nothing is on record"
    if rule == "concession" and not each.status == conflict.status == "conceded":
        yield f"{conflict.id} is said to end by concession; it was {conflict.status}"
    if rule == "merge" and merged_on(conflict) is None:
        yield f"{conflict.id} is said to end by merging, and its sides did not"
    if rule in ("vote", "judge") and conflict.status not in ("open", "narrowed"):
        yield f"{conflict.id} was {conflict.status}, and yet was settled by a {rule}"
    if each.status == "moot":
        if decision.status != "decided" or not open_question or conflict.about == QUESTION:
            yield f"{conflict.id} is moot, and no other answer was adopted"
    elif rule not in ("vote", "judge", "merge") and each.status != conflict.status:
        yield f"{conflict.id} was {conflict.status} and is {each.status} by no rule"


def silences(transcript: Transcript) -> Iterator[str]:
    """The answer treats every conflict as it says: its text, read again by rule treat/4, comes to the
    same; silence on a serious unsettled conflict is flagged, and so is what is not so; nothing else is."""
    if transcript.answer is None:
        return
    read = {each.conflict: each for each in treatments(transcript, transcript.answer.text)}
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
        again = read[entry.id]
        if treatment != again:
            yield (
                f"{entry.id} is said to be {treatment.treatment} ({voiced} positions voiced); the "
                f"answer reads {again.treatment} ({len(again.positions_voiced)} voiced)"
            )


def _who(decision: Decision) -> str:
    return decision.decided_by or decision.rule


def _is_open(transcript: Transcript) -> bool:
    return transcript.opening.options is None
