"""Asks pref_voting and abcvoting who wins, and writes answers.json.gz.

Needs the extra `oracles`; in tests/protocols run `python -m oracles.write_oracle`.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from typing import Any, NamedTuple

from abcvoting import abcrules, preferences
from oracles.elections import ANSWERS, KINDS, MANY, NAMES, Election, digest, elections
from pref_voting import grade_methods, voting_methods
from pref_voting.grade_profiles import GradeProfile
from pref_voting.probabilistic_methods import maximal_lottery
from pref_voting.profiles import Profile
from pref_voting.profiles_with_ties import ProfileWithTies


class Asked(NamedTuple):
    """How an oracle is asked for a rule."""

    oracle: str
    """Its function, and with what parameters."""
    word: Callable[[Any, Election], str]
    """Of the election as the oracle has it, and as it was drawn."""


def _set(winners: Iterable[int]) -> str:
    return "".join(NAMES[option] for option in sorted(winners)) or "-"


def _method(method: Callable[..., Iterable[int]], **params: Any) -> Asked:
    said = ", ".join(f"{name}={value!r}" for name, value in params.items())
    name = f"{method.__module__}.{getattr(method, '__name__', method)}({said})"
    return Asked(name, lambda profile, _: _set(method(profile, **params)))


def _winning_votes(profile: ProfileWithTies, _: Election) -> str:
    return _set(voting_methods.beat_path(profile, strength_function=profile.support))


def _first_choices(profile: Profile, election: Election) -> str:
    scores = profile.plurality_scores()
    return ",".join(str(scores[option]) for option in range(election.of))


def _chances(profile: Profile, election: Election) -> str:
    """Only odd electorates are sure to have just one such lottery (Laffond et al. 1997)."""
    if len(election.votes) % 2 == 0:
        return "-"
    chances = maximal_lottery(profile)
    return ",".join(f"{chances[option]:.7g}" for option in range(election.of))


def _committees(profile: preferences.Profile, election: Election) -> str:
    best = abcrules.compute_pav(profile, election.views, algorithm="brute-force")
    return ",".join(sorted(_set(each) for each in best))


def _rankings(election: Election) -> Profile:
    return Profile([list(vote) for vote in election.votes])


def _short(election: Election) -> ProfileWithTies:
    places = [{option: at for at, option in enumerate(vote)} for vote in election.votes]
    profile = ProfileWithTies(places, candidates=list(range(election.of)))
    profile.use_extended_strict_preference()
    return profile


def _graded(most: int) -> Callable[[Election], GradeProfile]:
    return lambda election: GradeProfile(
        [dict(enumerate(vote)) for vote in election.votes],
        list(range(most + 1)),
        candidates=list(range(election.of)),
    )


def _approved(election: Election) -> GradeProfile:
    votes = [dict.fromkeys(vote, 1) for vote in election.votes]
    return GradeProfile(votes, [0, 1], candidates=list(range(election.of)))


def _sets(election: Election) -> preferences.Profile:
    profile = preferences.Profile(election.of)
    profile.add_voters([list(vote) for vote in election.votes])
    return profile


READ: dict[str, Callable[[Election], Any]] = {
    "rankings": _rankings,
    "short rankings": _short,
    "grades": _graded(5),
    "points": _graded(10),
    "approvals": _approved,
    "committees": _sets,
}
"""Kind of election → the election as its oracle has it."""

ASKED: dict[str, dict[str, Asked]] = {
    "rankings": {
        "plurality": _method(voting_methods.plurality),
        "majority": _method(voting_methods.absolute_majority),
        "borda": _method(voting_methods.borda),
        "irv": _method(voting_methods.instant_runoff),
        "copeland": _method(voting_methods.copeland),
        "minimax": _method(voting_methods.minimax),
        "schulze": _method(voting_methods.beat_path),
        "split-cycle": _method(voting_methods.split_cycle),
        # The oracle's own test of every ranking of the options (Zavist and Tideman 1989): a stack.
        "ranked-pairs": _method(voting_methods.ranked_pairs, algorithm="from_stacks"),
        "random-ballot": Asked("pref_voting.profiles.Profile.plurality_scores()", _first_choices),
        "maximal-lotteries": Asked("pref_voting.probabilistic_methods.maximal_lottery()", _chances),
    },
    "short rankings": {
        "copeland": _method(voting_methods.copeland),
        "minimax": _method(voting_methods.minimax),
        "split-cycle": _method(voting_methods.split_cycle),
        "borda": _method(voting_methods.borda_for_profile_with_ties),
        "schulze": Asked(
            "pref_voting.margin_based_methods.beat_path(strength_function=support)", _winning_votes
        ),
    },
    "grades": {
        "score": _method(grade_methods.score_voting),
        "star": _method(grade_methods.star),
        "majority-judgement": _method(grade_methods.majority_judgement),
    },
    "points": {"cumulative": _method(grade_methods.cumulative_voting, max_total_grades=10)},
    "approvals": {"approval": _method(grade_methods.approval)},
    "committees": {
        "pav": Asked("abcvoting.abcrules.compute_pav(algorithm='brute-force')", _committees)
    },
}


def asked(many: int = MANY) -> Iterator[tuple[str, str, list[str]]]:
    """Kind, rule, and the oracle's answers to the first so many elections of the kind."""
    for kind, rules in ASKED.items():
        some = elections(kind)[:many]
        read = [READ[kind](election) for election in some]
        for rule, (_, word) in rules.items():
            yield kind, rule, [word(*each) for each in zip(read, some, strict=True)]


def main() -> None:
    """Ask for everything, which takes a minute, and write the file."""
    written = {
        "versions": {package: version(package) for package in ("abcvoting", "pref_voting")},
        "elections": {
            kind: {"seed": KINDS[kind].seed, "many": MANY, "sha256": digest(kind)} for kind in KINDS
        },
        "answers": {
            f"{kind}: {rule}": {"oracle": ASKED[kind][rule].oracle, "words": " ".join(words)}
            for kind, rule, words in asked()
        },
    }
    text = json.dumps(written, indent=1) + "\n"
    ANSWERS.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
