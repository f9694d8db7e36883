"""The rules of the book against pref_voting and abcvoting: the same winners before any tie is broken.

What they answered on 10,000 elections of each kind is kept in oracles/answers.json.gz, so that the
rules are held against them wherever the tests run; CONTRIBUTING.md says how it is written anew.
"""

import importlib
from collections.abc import Callable, Iterable
from functools import cache
from importlib.util import find_spec

import pytest
from oracles.elections import KINDS, MANY, NAMES, Election, answers, digest, elections, written

from folkmoot.protocols import Rule
from folkmoot.protocols.rules.duels import margins
from folkmoot.protocols.rules.found import Found
from folkmoot.records import Ballot

LIVE = 300
"""Elections of each kind that oracles installed here are asked about again."""


def _named(options: Iterable[int]) -> tuple[str, ...]:
    return tuple(NAMES[option] for option in options)


def _ranked(vote: tuple[int, ...]) -> dict:
    return {"ranking": _named(vote)}


def _graded(vote: tuple[int, ...]) -> dict:
    grades = dict(zip(NAMES, vote, strict=False))
    return {
        "ranking": tuple(sorted(grades, key=lambda option: -grades[option])),
        "scores": {option: float(grade) for option, grade in grades.items()},
        "grades": grades,
    }


def _spread(vote: tuple[int, ...]) -> dict:
    return {"ranking": _named(range(len(vote))), "points": dict(zip(NAMES, vote, strict=False))}


def _approved(vote: tuple[int, ...]) -> dict:
    return {"ranking": _named(vote), "approvals": _named(vote)}


PARTS: dict[str, Callable[[tuple[int, ...]], dict]] = {
    "rankings": _ranked,
    "short rankings": _ranked,
    "grades": _graded,
    "points": _spread,
    "approvals": _approved,
    "committees": _approved,
}
"""Kind of election → what a vote is on a ballot."""


@cache
def votes(kind: str) -> list[tuple[Election, list[Ballot], tuple[str, ...]]]:
    """Every election of a kind with its ballots and its options."""
    part, made = PARTS[kind], []
    for election in elections(kind):
        options = tuple(NAMES[: election.of])
        ballots = [
            Ballot.model_construct(
                step=0,
                order=number,
                id=f"b{number}",
                seat=f"s{number}",
                round=0,
                options=options,
                state="valid",
                **part(vote),
            )
            for number, vote in enumerate(election.votes)
        ]
        made.append((election, ballots, options))
    return made


def found(rule: Rule, ballots: list[Ballot], options: tuple[str, ...]) -> Found:
    of = rule.find(ballots, options)
    assert isinstance(of, Found)
    return of


@pytest.mark.parametrize("kind", KINDS)
def test_the_elections_are_those_that_the_oracles_were_asked_about(kind):
    assert written()["elections"][kind] == {
        "seed": KINDS[kind].seed,
        "many": MANY,
        "sha256": digest(kind),
    }


WINNERS = {
    "rankings": (
        "plurality",
        "majority",
        "borda",
        "irv",
        "copeland",
        "minimax",
        "schulze",
        "split-cycle",
        "ranked-pairs",  # Equal margins are locked in every order: the oracle looks for stacks.
    ),
    # Options left out stand last and tied; schulze measures links by winning votes.
    "short rankings": ("copeland", "minimax", "split-cycle", "borda", "schulze"),
    "grades": ("score", "star", "majority-judgement"),
    "points": ("cumulative",),
    "approvals": ("approval",),
}


@pytest.mark.parametrize(("kind", "name"), [(k, name) for k in WINNERS for name in WINNERS[k]])
def test_elects_whom_the_oracle_elects(kind, name):
    rule, ties = Rule(name=name), 0
    for (election, ballots, options), theirs in zip(votes(kind), answers(kind, name), strict=True):
        winners = found(rule, ballots, options).winners
        assert "".join(winners) == theirs.strip("-"), election
        ties += len(winners) > 1
    assert ties > 200 or name == "majority"


def test_random_ballot_is_as_likely_as_its_first_choices():
    rule, said = Rule(name="random-ballot"), answers("rankings", "random-ballot")
    for (election, ballots, options), theirs in zip(votes("rankings"), said, strict=True):
        tally = found(rule, ballots, options).tally
        assert ",".join(str(tally[option]) for option in options) == theirs, election


def test_maximal_lotteries_beat_every_option_and_are_the_oracles_where_there_is_one():
    """The rule reads margins alone, as its first line says: elections with the same are counted once."""
    rule, said = Rule(name="maximal-lotteries"), answers("rankings", "maximal-lotteries")
    counted: dict[tuple[int, ...], list[float]] = {}
    compared = 0
    for (election, ballots, options), theirs in zip(votes("rankings"), said, strict=True):
        lead = margins(ballots, options)
        key = (election.of, *lead.values())
        if key not in counted:
            odds = found(rule, ballots, options).tally
            assert sum(odds.values()) == 1
            assert min(odds.values()) >= 0
            for b in options:
                assert sum(odds[a] * lead[a, b] for a in options if a != b) >= 0, election
            counted[key] = [float(odds[option]) for option in options]
        if theirs != "-":  # Odd electorates have just one (Laffond et al. 1997).
            compared += 1
            assert counted[key] == pytest.approx(
                [float(chance) for chance in theirs.split(",")], abs=1e-6
            ), election
    assert compared == sum(len(each.votes) % 2 for each in elections("rankings"))


def test_pav_finds_every_committee_that_the_oracle_finds():
    rules = {views: Rule(name="pav", views=views) for views in range(1, 6)}
    for (election, ballots, options), theirs in zip(
        votes("committees"), answers("committees", "pav"), strict=True
    ):
        mine = found(rules[election.views], ballots, options).views
        assert ",".join(sorted("".join(each) for each in mine)) == theirs, election


def test_the_oracles_answer_here_as_they_did():
    if not (find_spec("pref_voting") and find_spec("abcvoting")):
        pytest.skip("pref_voting and abcvoting are not installed: what they answered is on file")
    oracle = importlib.import_module("oracles.write_oracle")
    for kind, rule, words in oracle.asked(LIVE):
        assert words == answers(kind, rule)[:LIVE], (kind, rule)
