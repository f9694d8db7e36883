"""First answers to an open question: how many differ in words, with nothing to tell them apart by.

Two texts of different words may mean the same, and no rule over texts can say whether they do. So
different words alone make no conflict, and are counted here: an auditor sees how much was not compared.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

from folkmoot.records.acts import QUESTION, Turn
from folkmoot.records.base import Frozen
from folkmoot.records.transcript import Transcript
from folkmoot.records.wording import wording


class FirstAnswers(Frozen):
    """How the seats' blind answers to an open question compare."""

    given: int
    """Seats that gave one."""
    wordings: int
    """How many different ones there are, by their words (`wording`)."""
    not_compared: int
    """Answers that differ in words from another seat's, of which nothing on record says whether the two
    differ in the matter."""
    taken_over: int
    """Seats whose last statement is in the words of another's first answer, and not in those of its own:
    a difference that is gone, or a better wording."""


def first_answers(seen: Transcript) -> FirstAnswers | None:
    """The first answers, and of how many it is not known how they stand to each other.

    A seat's first answer is its own statement in the first round in which any was made. Two are told
    apart, or told to agree, by any of these: a conflict over the question, or over one of the two, with
    the two seats on different sides; a clerk's judgement of the two, or of each against the question; a
    valid judgement, or a declared act, of one seat on the other's answer.

    Returns:
        None on a choice question, and where fewer than two seats gave a first answer.
    """
    answers = blind(seen)
    if len(answers) < 2:
        return None
    words = {seat: wording(turn.text) for seat, turn in answers.items()}
    told = set(_told(seen, answers))
    loose: set[str] = set()
    for one, other in combinations(answers, 2):
        if words[one] != words[other] and frozenset((one, other)) not in told:
            loose |= {one, other}
    last = {turn.seat: wording(turn.text) for turn in _last(seen)}
    return FirstAnswers(
        given=len(answers),
        wordings=len(set(words.values())),
        not_compared=len(loose),
        taken_over=sum(
            last[seat] != words[seat] and last[seat] in words.values() for seat in answers
        ),
    )


def blind(seen: Transcript) -> dict[str, Turn]:
    """Seat → its first answer to an open question; {} on a choice question."""
    if seen.opening.options is not None:
        return {}
    spoken = seen.spoken(role="statement")
    first = min((turn.round for turn in spoken), default=0)
    return {turn.seat: turn for turn in reversed(spoken) if turn.round == first}


def _last(seen: Transcript) -> Iterable[Turn]:
    """The last statement of each seat."""
    return {turn.seat: turn for turn in seen.spoken(role="statement")}.values()


def _told(seen: Transcript, answers: dict[str, Turn]) -> Iterator[frozenset[str]]:
    """Pairs of seats of whose first answers something says how they stand to each other."""
    seats = {turn.id: seat for seat, turn in answers.items()}
    for conflict in seen.conflicts:
        about = seats.get(conflict.about)
        for one, other in combinations(conflict.positions, 2):
            pairs = (
                frozenset((mine, yours))
                for mine in (*one.parties, *one.held_first)
                for yours in (*other.parties, *other.held_first)
            )
            yield from (p for p in pairs if conflict.about == QUESTION or about in p)
    judged: set[str] = set()
    for each in (*seen.relations, *seen.restatements):
        second = seats.get(each.second.message)
        first = None if each.first is None else seats.get(each.first.message)
        if first is not None and second is not None:
            yield frozenset((first, second))
        elif each.first is None and second is not None:
            judged.add(second)
    yield from map(frozenset, combinations(judged, 2))
    for stance in seen.stances:
        if stance.about in seats and stance.state == "valid":
            yield frozenset((stance.seat, seats[stance.about]))
    for act in seen.acts:
        if act.about in seats and act.act != "hold":
            yield frozenset((act.seat, seats[act.about]))
