"""Whether every id that a record names is the id of something on record."""

from collections import Counter
from collections.abc import Iterable, Iterator

from folkmoot.records.acts import PROCEDURE, QUESTION
from folkmoot.records.conflicts import Conflict
from folkmoot.records.transcript import Transcript


def references(transcript: Transcript) -> Iterator[str]:
    """Every id is given once, and every id named is given; likewise every seat."""
    messages = [turn.id for turn in transcript.turns]
    conflicts = [conflict.id for conflict in transcript.conflicts]
    held = [each.id for conflict in transcript.conflicts for each in conflict.positions]
    ballots = [ballot.id for ballot in transcript.ballots]
    issues = [issue.id for issue in transcript.issues]
    acts = [act.id for act in transcript.acts]
    relations = [relation.id for relation in transcript.relations]
    for what, ids in (
        ("message", messages),
        ("conflict", conflicts),
        ("position", held),
        ("ballot", ballots),
        ("issue", issues),
        ("act", acts),
        ("relation", relations),
        ("restatement", [each.id for each in transcript.restatements]),
    ):
        for name in (name for name, times in Counter(ids).items() if times > 1):
            yield f"two things are {what} {name}"
    known = set(messages)
    yield from _unknown("seat", _seats(transcript), set(transcript.opening.seats))
    yield from _unknown("message", _messages(transcript), known)
    yield from _unknown("conflict", _conflicts(transcript), set(conflicts))
    yield from _unknown("position", _positions(transcript), set(held))
    yield from _unknown("relation", _relations(transcript), set(relations))
    calls = {reply.call for reply in transcript.replies}
    yield from _unknown("call", _calls(transcript), calls)


def _unknown(what: str, named: Iterable[tuple[str, str | None]], known: set[str]) -> Iterator[str]:
    for where, name in named:
        if name is not None and name not in known:
            yield f"{where} names {what} {name!r}, which is not on record"


def _seats(transcript: Transcript) -> Iterator[tuple[str, str]]:
    acts = (*transcript.turns, *transcript.issues, *transcript.acts, *transcript.ballots)
    yield from ((act.id, act.seat) for act in acts)
    yield from ((f"a stance of round {each.round}", each.seat) for each in transcript.stances)
    yield from ((f"a move of round {each.round}", each.seat) for each in transcript.moves)
    for conflict in transcript.conflicts:
        for position in conflict.positions:
            yield from ((position.id, seat) for seat in (*position.parties, *position.held_first))
    for settlement in transcript.settlements:
        yield from (
            (f"a dissent in {settlement.conflict}", each.seat) for each in settlement.dissent
        )
    for each in (*transcript.ratifications, *transcript.conditions):
        yield f"a {each.record} in {each.conflict}", each.seat


def _messages(transcript: Transcript) -> Iterator[tuple[str, str]]:
    for turn in transcript.turns:
        yield from ((turn.id, name) for name in turn.replies_to)
    for issue in transcript.issues:
        yield from ((issue.id, name) for name in (issue.about, issue.message))
    for each in (*transcript.stances, *transcript.conflicts):
        if each.about not in (QUESTION, *PROCEDURE):
            yield f"a {each.record} of {each.step}", each.about
    for act in transcript.acts:
        yield act.id, act.message
        if act.about is not None:
            yield act.id, act.about
    for move in transcript.moves:
        yield from ((f"the move of {move.seat}", name) for name in move.cites)
    for conflict in transcript.conflicts:
        for event in conflict.history:
            yield from ((f"{conflict.id}, {event.event}", name) for name in event.cites)
    answer = transcript.answer
    for sentence in answer.sentences if answer else ():
        yield from ((sentence.id, name) for name in sentence.cites)


def _conflicts(transcript: Transcript) -> Iterator[tuple[str, str | None]]:
    yield from ((each.id, each.parent) for each in transcript.conflicts)
    yield from (("a settlement", each.conflict) for each in transcript.settlements)
    after = (*transcript.ratifications, *transcript.conditions)
    yield from ((f"a {each.record}", each.conflict) for each in after)
    answer = transcript.answer
    yield from (("the answer", each.conflict) for each in (answer.treatments if answer else ()))


def _positions(transcript: Transcript) -> Iterator[tuple[str, str | None]]:
    for conflict in transcript.conflicts:
        yield from _inside(conflict)
    for settlement in transcript.settlements:
        yield from ((f"the dissent of {each.seat}", each.position) for each in settlement.dissent)
    for each in transcript.ratifications:
        yield f"the ratification of {each.seat}", each.position
    answer = transcript.answer
    for treatment in answer.treatments if answer else ():
        where = f"the answer's treatment of {treatment.conflict}"
        yield from ((where, name) for name in treatment.positions_voiced)


def _inside(conflict: Conflict) -> Iterator[tuple[str, str | None]]:
    for event in conflict.history:
        where = f"{conflict.id}, {event.event}"
        yield from ((where, name) for name in (event.from_position, event.to_position))
    yield from ((conflict.id, each.position) for each in conflict.values_in_tension)


def _relations(transcript: Transcript) -> Iterator[tuple[str, str]]:
    for conflict in transcript.conflicts:
        yield from ((conflict.id, name) for name in conflict.detection.relations)


def _calls(transcript: Transcript) -> Iterator[tuple[str, str]]:
    for each in (*transcript.relations, *transcript.restatements):
        yield from ((each.id, name) for name in each.calls)
