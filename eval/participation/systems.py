"""Systems: ways of making one answer out of the sealed answers of a panel's members.

Each is a rule of the book of decision rules, or a choice of the members whose answers count; none asks
anybody anything.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from folkmoot.eval.collaboration.competence import Competence, in_rule
from folkmoot.eval.participation.items import Item
from folkmoot.eval.participation.sealed import Sealed
from folkmoot.protocols.rules.book import RULES
from folkmoot.records import Ballot, InputError

Competences = Mapping[str, Mapping[str, Competence]]
"""Task → member → its competence there, as measured on development items."""

Priorities = Mapping[str, Sequence[str]]
"""Member → the tasks that it declares itself to be made for."""


class System(NamedTuple):
    """A way to one answer."""

    name: str
    what: str
    scores: Callable[[Sealed, Sequence[str]], list[float]]
    """Of the sealed answers and the members on the panel: how right it is, item by item. Where several
    options lead alike, the chance that a lot takes the right one."""


def by_rule(name: str, competences: Competences | None = None) -> System:
    """All members' answers, counted by a rule of the book.

    Raises:
        InputError: the rule cannot count them.
    """
    if name not in ("plurality", "soft", "bayes", "borda", "competence"):
        raise InputError(f"sealed answers cannot be counted by {name!r}")
    if (name == "competence") != (competences is not None):
        raise InputError("competences belong to the rule 'competence'")

    def scores(answers: Sealed, members: Sequence[str]) -> list[float]:
        return [_counted(answers, members, item, name, competences) for item in answers.items]

    return System(name, RULES[name].says, scores)


def declared(priorities: Priorities) -> System:
    """Routing by declared priority: of those who name the item's task the best mean distribution; of
    all members where nobody does."""

    def scores(answers: Sealed, members: Sequence[str]) -> list[float]:
        found: list[float] = []
        for item in answers.items:
            own = [each for each in members if item.task in priorities.get(each, ())]
            found.append(_counted(answers, own or members, item, "soft"))
        return found

    return System("routed-declared", "those whose declared priority it is, else all", scores)


def measured(competences: Competences, most: int = 1) -> System:
    """Routing by measured competence: the members that did best on development items of the task, as
    many as are given; of equals the first by name."""

    def scores(answers: Sealed, members: Sequence[str]) -> list[float]:
        found: list[float] = []
        for item in answers.items:
            ranked = sorted(members, key=lambda each: (-_p(competences, each, item), each))
            found.append(_counted(answers, ranked[:most], item, "soft"))
        return found

    return System(
        f"routed-measured-{most}", f"the {most} best on development items of its task", scores
    )


def alone(member: str) -> System:
    """One model, whatever the panel."""
    return System(member, "one model", lambda answers, members: answers.right(member))


def _counted(
    answers: Sealed,
    members: Sequence[str],
    item: Item,
    rule: str,
    competences: Competences | None = None,
) -> float:
    given = answers.answers[item.name]
    ballots = [
        ballot
        for place, each in enumerate(members)
        if (ballot := _ballot(place, each, item, given[each].shares)) is not None
    ]
    if not ballots:
        return 0.0
    if competences is None:
        found = RULES[rule].find(ballots, item.options)
    else:
        known = _odds(item, members, competences)
        found = RULES[rule].find(ballots, item.options, competences=known)
    return 1 / len(found.winners) if item.answer in found.winners else 0.0


def _ballot(
    place: int, member: str, item: Item, shares: Mapping[str, float] | None
) -> Ballot | None:
    if not shares:
        return None
    ranking = sorted(item.options, key=lambda option: -shares[option])
    return Ballot(
        step=0,
        order=place,
        id=f"b{place + 1}",
        seat=member,
        round=0,
        options=item.options,
        state="valid",
        ranking=tuple(ranking),
        scores=dict(shares),
    )


def _odds(item: Item, members: Sequence[str], competences: Competences) -> dict[str, float]:
    """Competences as the rule takes them."""
    return {each: in_rule(_p(competences, each, item), len(item.options)) for each in members}


def _p(competences: Competences, member: str, item: Item) -> float:
    """How often a member is right on such an item; as a blind guess where it was not measured."""
    known = competences.get(item.task, {}).get(member)
    return 1 / len(item.options) if known is None else known.at(len(item.options))
