"""Drift: a seat ends elsewhere than its perspective began, and nothing on record says why.

What can be measured from a record alone: the stance that a seat takes, the values that its words name,
and the options that its red lines strike out. Whether it argues like somebody of that perspective cannot.
"""

from collections.abc import Iterator

from folkmoot.agents.values import SCHWARTZ_20, Vocabulary, values_in
from folkmoot.eval.scan.found import Found
from folkmoot.eval.scan.subject import Subject
from folkmoot.records import Party, Turn
from folkmoot.records.acts import QUESTION
from folkmoot.records.annotations import About
from folkmoot.records.ends import PRINCIPLED


def drift(subject: Subject) -> Iterator[Found]:
    """Three kinds of drift, by `value`.

    - `stance`: the last valid stance on the question is not the first one, and no move of the seat has a
      reason in the matter.
    - `values`: the first message names declared values of the seat; the last one names none of these,
      and names values that only other seats declare. By the words of the vocabulary.
    - `red line`: the seat chose an option that its own ballot struck out as crossing a red line.
    """
    said: dict[str, list[Turn]] = {}
    for turn in subject.said:
        said.setdefault(turn.seat, []).append(turn)
    reasoned = {
        move.seat
        for move in subject.transcript.moves
        if move.about == QUESTION and move.because in PRINCIPLED
    }
    for party in subject.opening.parties:
        words = said.get(party.seat, [])
        yield from _of_stance(subject, party.seat, words, party.seat in reasoned)
        yield from _of_values(subject.opening.parties, party, words)
        yield from _of_red_lines(subject, party.seat)


def _of_stance(subject: Subject, seat: str, words: list[Turn], reasoned: bool) -> Iterator[Found]:
    held = [each.choice for each in subject.transcript.stands(seat=seat) if each.state == "valid"]
    if len(held) < 2 or held[0] == held[-1] or reasoned:
        return
    ends = dict.fromkeys((words[0].id, words[-1].id)) if words else {}
    yield Found(
        label="perspective-drift",
        about=tuple(About(what="message", id=each) for each in ends) or (About(what="record"),),
        value="stance",
        explanation=f"{seat} went from {held[0]!r} to {held[-1]!r} without a reason in the matter",
        severity=2,
    )


def _of_values(parties: tuple[Party, ...], party: Party, words: list[Turn]) -> Iterator[Found]:
    vocabulary = _vocabulary(parties)
    if not party.values or len(words) < 2 or vocabulary is None:
        return
    own = set(party.values)
    others = {name for each in parties if each.seat != party.seat for name in each.values} - own
    first, last = values_in(words[0].text, vocabulary), values_in(words[-1].text, vocabulary)
    gained = [name for name in last if name in others]
    if not own & set(first) or own & set(last) or not gained:
        return
    start, end = last[gained[0]]
    labels = vocabulary.labels
    lost = ", ".join(labels[name] for name in first if name in own)
    yield Found(
        label="perspective-drift",
        about=(
            About(what="message", id=words[-1].id, start=start, end=end),
            About(what="message", id=words[0].id),
        ),
        value="values",
        explanation=f"{party.seat} spoke first for {lost}, and last for "
        f"{', '.join(labels[name] for name in gained)}, which others declare and it does not",
        severity=2,
    )


def _vocabulary(parties: tuple[Party, ...]) -> Vocabulary | None:
    """The vocabulary of a panel: the library's own with its words, another one with its labels alone."""
    named = [party.vocabulary for party in parties if party.vocabulary is not None]
    if not named:
        return None
    labels = {name: label for each in named for name, label in each.labels.items()}
    if (named[0].id, named[0].version) == (SCHWARTZ_20.id, SCHWARTZ_20.version):
        return SCHWARTZ_20
    return Vocabulary(id=named[0].id, version=named[0].version, labels=labels)


def _of_red_lines(subject: Subject, seat: str) -> Iterator[Found]:
    struck = {
        option for ballot in subject.transcript.ballots_of(seat) for option in ballot.blocks or ()
    }
    chosen = [ballot.choice for ballot in subject.transcript.ballots_of(seat)]
    last = subject.transcript.last_stand(seat)
    chosen += [last.choice] if last is not None else []
    crossed = [option for option in dict.fromkeys(chosen) if option in struck]
    refuting = subject.transcript.decision is not None and _refutes(subject)
    for option in () if refuting else crossed:
        yield Found(
            label="perspective-drift",
            value="red line",
            explanation=f"{seat} chose {option!r}, which its own ballot strikes out",
            severity=3,
        )


def _refutes(subject: Subject) -> bool:
    """Whether blocks are refutations, as under rules that count refuters, and no red lines."""
    return any(turn.role == "refutation" for turn in subject.transcript.turns)
