"""What is read off a conflict by rule: its kind, the values in tension, how severe it is."""

from collections.abc import Mapping, Sequence

from folkmoot.agents.values import SCHWARTZ_20, Vocabulary, values_in
from folkmoot.protocols.kinds import apart, kind
from folkmoot.protocols.severity import certainty, said, sensitivity, severity, stakes
from folkmoot.records import Opening, Position, Span, Tension, Transcript, sentences
from folkmoot.records.spans import span
from folkmoot.records.terms import ConflictKind

__all__ = [
    "certainty",
    "kind",
    "question_kind",
    "sensitivity",
    "severity",
    "stakes",
    "tensions",
    "vocabulary_of",
]


def tensions(seen: Transcript, positions: Sequence[Position]) -> tuple[Tension, ...]:
    """Values of one side that no other side has: those that its holders declared.

    Where no holder of any position declared a value, those that the messages quoted for the position
    name, by the vocabulary's word list, each with the sentence that names it: what no sentence shows
    is in no tension. A position that nobody holds any more counts for those who held it first.
    """
    holders = {position.id: position.parties or position.held_first for position in positions}
    if any(_values(seen, seat) for seats in holders.values() for seat in seats):
        return _declared(seen, holders)
    return _named(seen, positions, holders)


def vocabulary_of(opening: Opening) -> Vocabulary:
    """The vocabulary that a panel's declared values come from, else the library's.

    Of a user's own, the record has the declared values and their labels; they are its words.
    """
    own = [party.vocabulary for party in opening.parties if party.vocabulary is not None]
    if all(each.id == SCHWARTZ_20.id for each in own):
        return SCHWARTZ_20
    return Vocabulary(id=own[0].id, version=own[0].version, labels=opening.labels)


def question_kind(
    seen: Transcript, positions: Sequence[Position], tensions: tuple[Tension, ...]
) -> ConflictKind:
    """The kind of a conflict over the question: of values where the user said so, else from its words
    and what is said for each position."""
    if seen.opening.of_values:
        return "value"
    texts = [said(seen, position) for position in positions]
    return kind(seen.opening.question, tensions, texts, vocabulary_of(seen.opening))


def _declared(seen: Transcript, holders: Mapping[str, Sequence[str]]) -> tuple[Tension, ...]:
    values = [{v: None for s in seats for v in _values(seen, s)} for seats in holders.values()]
    return tuple(
        Tension(
            value=value,
            position=position,
            parties=(parties := tuple(seat for seat in seats if value in _values(seen, seat))),
            vocabulary=_source(seen, parties),
        )
        for (position, seats), own in zip(holders.items(), apart(values), strict=True)
        for value in sorted(own)
    )


def _source(seen: Transcript, parties: Sequence[str]) -> str | None:
    refs = (seen.opening.party(seat).vocabulary for seat in parties)
    return next((f"{ref.id}/{ref.version}" for ref in refs if ref is not None), None)


def _named(
    seen: Transcript, positions: Sequence[Position], holders: Mapping[str, Sequence[str]]
) -> tuple[Tension, ...]:
    """Only where something is said for two sides at least: silence has no values."""
    vocabulary = vocabulary_of(seen.opening)
    if sum(1 for position in positions if position.spans) < 2:
        return ()
    values = [values_in(said(seen, position), vocabulary) for position in positions]
    found: list[Tension] = []
    for position, own in zip(positions, apart(values), strict=True):
        for value in sorted(own):
            quotations = _quotations(seen, position, value, vocabulary)
            if not quotations:
                continue
            authors = tuple(seen.turn(each.message).seat for each in quotations)
            holding = tuple(seat for seat in holders[position.id] if seat in authors)
            found.append(
                Tension(
                    value=value,
                    position=position.id,
                    parties=holding or tuple(holders[position.id]),
                    source="text",
                    vocabulary=f"{vocabulary.id}/{vocabulary.version}",
                    span=quotations[0],
                )
            )
    return tuple(found)


def _quotations(
    seen: Transcript, position: Position, value: str, vocabulary: Vocabulary
) -> list[Span]:
    """The first sentence of each quoted message that names a value."""
    found: list[Span] = []
    for message in dict.fromkeys(each.message for each in position.spans):
        turn = seen.turn(message)
        for start, end in sentences(turn.text):
            if value in values_in(turn.text[start:end], vocabulary):
                found.append(span(turn, start, end))
                break
    return found


def _values(seen: Transcript, seat: str) -> dict[str, float]:
    return seen.opening.party(seat).values
