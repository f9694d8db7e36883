import pytest

from folkmoot.records import Ballot, Decision, Opening, Transcript
from folkmoot.records.recount import recount


def ballot(number: int, *ranking: str, state: str = "valid") -> Ballot:
    return Ballot.model_validate(
        {
            "step": 0,
            "order": number,
            "id": f"b{number}",
            "seat": f"s{number}",
            "round": 1,
            "options": ("x", "y", "z"),
            "state": state,
            "ranking": ranking,
        }
    )


def findings(opening: Opening, cast_: list[Ballot], /, **decision) -> list[str]:
    """What is found of a decision by first choices, except as it is given otherwise."""
    tally = dict.fromkeys(("x", "y", "z"), 0.0)
    for each in cast_:
        if each.ranking and each.ranking[0] in tally:
            tally[each.ranking[0]] += 1
    fields = {
        "step": 1,
        "order": 0,
        "options": ("x", "y", "z"),
        "rule": "majority",
        "tally": tally,
        "margin": sorted(tally.values())[-1] - sorted(tally.values())[-2],
        "ballots": tuple(each.id for each in cast_),
        "not_valid": {each.seat: each.state for each in cast_ if each.state != "valid"},
        **decision,
    }
    transcript = Transcript(opening, [*cast_, Decision.model_validate(fields)])
    return list(recount(transcript))


def cast(**votes: int) -> list[Ballot]:
    firsts = [option for option, times in votes.items() for _ in range(times)]
    return [ballot(number, option) for number, option in enumerate(firsts)]


@pytest.mark.parametrize(
    ("rule", "votes", "status", "winner", "tied"),
    [
        ("plurality", {"x": 2, "y": 1, "z": 1}, "decided", "x", ()),
        ("plurality", {"x": 2, "y": 2}, "tied", None, ("x", "y")),
        ("majority", {"x": 2, "y": 1}, "decided", "x", ()),
        ("majority", {"x": 2, "y": 2}, "deadlock", None, ()),
        ("majority", {"x": 2, "y": 1, "z": 1}, "deadlock", None, ()),
        ("supermajority", {"x": 2, "y": 1}, "decided", "x", ()),
        ("supermajority", {"x": 3, "y": 2}, "deadlock", None, ()),
        ("unanimity", {"x": 3}, "decided", "x", ()),
        ("unanimity", {"x": 9, "y": 1}, "deadlock", None, ()),
    ],
)
def test_a_right_count_stands_and_any_other_is_found(run, rule, votes, status, winner, tied):
    ballots = cast(**votes)
    assert findings(run.opening, ballots, rule=rule, status=status, winner=winner, tied=tied) == []
    for other in ("x", "y", None):
        for claimed in ("decided", "tied", "deadlock"):
            if (claimed, other) != (status, winner):
                assert findings(run.opening, ballots, rule=rule, status=claimed, winner=other)


def test_a_false_tally_is_found(run):
    found = findings(
        run.opening,
        cast(x=2, y=1),
        status="decided",
        winner="x",
        tally={"x": 3.0, "y": 0.0, "z": 0.0},
    )
    assert len(found) == 1
    assert "the ballots come to" in found[0]


def test_a_tie_of_others_is_found(run):
    given = {"rule": "plurality", "status": "tied"}
    assert findings(run.opening, cast(x=2, y=2), tied=("x", "z"), **given)
    assert not findings(run.opening, cast(x=2, y=2), tied=("y", "x"), **given)


def test_too_few_valid_ballots_are_a_deadlock(run):
    ballots = [ballot(0, "x"), ballot(1, state="unreadable"), ballot(2, state="unavailable")]
    params = {"quorum": 0.5}
    assert not findings(run.opening, ballots, status="deadlock", params=params, margin=None)
    assert findings(run.opening, ballots, status="deadlock", params=params)
    assert findings(run.opening, ballots, status="decided", winner="x", params=params)
    assert findings(run.opening, ballots, status="decided", winner="x", params={"quorum": "no"})
    assert not findings(run.opening, ballots, status="decided", winner="x", params={})
    half = [*cast(x=2), ballot(8, state="unreadable"), ballot(9, state="abstained")]
    assert not findings(run.opening, half, status="decided", winner="x", params=params)
    assert not findings(run.opening, [], status="deadlock", margin=None)
    abstained = [ballot(0, state="abstained")]
    assert not findings(run.opening, abstained, status="deadlock", margin=None)


def test_ballots_must_be_there_and_as_the_decision_lists_them(run):
    ballots = cast(x=2)
    gone = findings(run.opening, ballots, status="decided", winner="x", ballots=("b0", "b7"))
    assert gone == ["the decision counts ballots that are not on record: b7"]
    twice = findings(run.opening, ballots, status="decided", winner="x", ballots=("b0", "b0"))
    assert twice == ["the decision counts a ballot more than once"]
    ballots.append(ballot(5, state="unreadable"))
    listed = findings(run.opening, ballots, status="decided", winner="x", not_valid={})
    assert "as not valid" in listed[0]


def test_a_spoiled_ballot_is_found(run):
    for spoiled in (
        ballot(1, "x", state="abstained"),
        ballot(1),
        ballot(1, "x", "x"),
        ballot(1, "x", "other"),
    ):
        found = findings(run.opening, [ballot(0, "x"), spoiled], status="decided", winner="x")
        assert any("b1" in finding for finding in found)


def test_a_false_margin_is_found(run):
    found = findings(run.opening, cast(x=2, y=1), status="decided", winner="x", margin=2.0)
    assert found == ["the margin is 2.0; the ballots come to 1.0"]


def test_a_rule_that_counts_forces_its_winner(run):
    assert findings(run.opening, cast(x=2, y=1), status="no_forced_winner")


PUBLISHED = {
    "acbed": 5,
    "adecb": 5,
    "bedac": 8,
    "cabed": 3,
    "caebd": 7,
    "cbade": 2,
    "dceba": 7,
    "ebadc": 8,
}
"""45 voters, five candidates: an example of Schulze's own. He finds e > a > c > b > d."""


def ranked(votes: dict[str, int]) -> list[Ballot]:
    rankings = [ranking for ranking, times in votes.items() for _ in range(times)]
    options = tuple(sorted(rankings[0]))
    return [
        ballot(number, *ranking).model_copy(update={"options": options})
        for number, ranking in enumerate(rankings)
    ]


def test_schulzes_own_example_is_counted_as_he_counts_it(run):
    given = {
        "rule": "schulze",
        "options": tuple("abcde"),
        "tally": {"a": 3.0, "b": 1.0, "c": 2.0, "d": 0.0, "e": 4.0},
        "margin": 1.0,  # the strongest paths of E and A: 25 to A, 24 from A
    }
    ballots = ranked(PUBLISHED)
    assert findings(run.opening, ballots, status="decided", winner="e", **given) == []
    for other in "abcd":
        found = findings(run.opening, ballots, status="decided", winner=other, **given)
        assert "come to decided, winner 'e'" in found[0]
    assert findings(run.opening, ballots, status="tied", tied=("a", "e"), **given)
    for wrong in ({"margin": 2.0}, {"tally": {**given["tally"], "a": 4.0}}):
        forged = {**given, **wrong}
        assert findings(run.opening, ballots, status="decided", winner="e", **forged)


def test_a_schulze_cycle_ties_and_what_is_not_ranked_is_last(run):
    tied = {"rule": "schulze", "status": "tied", "margin": None}
    cycle = ranked({"xyz": 1, "yzx": 1, "zxy": 1})
    none = dict.fromkeys("xyz", 0.0)
    assert not findings(run.opening, cycle, tied=("x", "y", "z"), tally=none, **tied)
    assert findings(run.opening, cycle, tied=("x", "y"), tally=none, **tied)
    ballots = [ballot(0, "y", "x"), ballot(1, "x")]  # x and y beat z; neither beats the other
    beaten = {"x": 1.0, "y": 1.0, "z": 0.0}
    assert not findings(run.opening, ballots, tied=("x", "y"), tally=beaten, **tied)
    assert findings(
        run.opening, ballots, rule="schulze", status="decided", winner="x", tally=beaten, margin=1.0
    )


def test_schulze_too_needs_its_quorum(run):
    ballots = [ballot(0, "x", "y", "z"), *(ballot(n, state="unreadable") for n in (1, 2))]
    given = {"rule": "schulze", "tally": {"x": 2.0, "y": 1.0, "z": 0.0}, "params": {"quorum": 0.5}}
    assert not findings(run.opening, ballots, status="deadlock", margin=None, **given)
    assert findings(run.opening, ballots, status="decided", winner="x", margin=1.0, **given)


def verdicts(run, accept: int, reject: int, **decision) -> list[str]:
    ballots = [
        each.model_copy(update={"options": ("M3", "none")})
        for each in (ballot(n, "M3" if n < accept else "none") for n in range(accept + reject))
    ]
    given = {
        "rule": "acceptance",
        "options": ("M3",),
        "tally": {"M3": float(accept), "none": float(reject)},
        "margin": float(accept - reject),
        **decision,
    }
    return findings(run.opening, ballots, **given)


def test_a_draft_is_adopted_by_more_than_half(run):
    adopted, not_adopted = {"status": "decided", "winner": "M3"}, {"status": "deadlock"}
    for accept, reject in ((2, 1), (1, 0), (3, 2)):
        assert verdicts(run, accept, reject, **adopted) == []
        assert verdicts(run, accept, reject, **not_adopted)
    for accept, reject in ((1, 2), (1, 1)):
        assert verdicts(run, accept, reject, **not_adopted) == []
        assert "come to deadlock" in verdicts(run, accept, reject, **adopted)[0]
    assert verdicts(run, 1, 2, tally={"M3": 2.0, "none": 1.0}, **adopted)
    assert verdicts(run, 2, 1, margin=3.0, **adopted)


def test_without_a_draft_nothing_is_adopted(run):
    given = {"rule": "acceptance", "options": (), "tally": {}, "margin": 0.0}
    assert not findings(run.opening, [], status="deadlock", **given)
    assert findings(run.opening, [], status="decided", winner="M3", **given)


def test_other_rules_need_their_ballots_and_a_winner_among_the_options(run):
    ballots = [ballot(0, "y", "x"), ballot(1, "x")]
    given = {"rule": "a-rule-of-my-own"}
    assert not findings(run.opening, ballots, status="decided", winner="x", **given)
    assert findings(run.opening, ballots, status="decided", winner="w", **given)
    assert findings(run.opening, ballots, status="decided", winner=None, **given)
    assert findings(run.opening, ballots, status="tied", winner="x", **given)


@pytest.mark.parametrize("rule", ["judge", "a-judge-of-my-own"])
def test_a_judge_decides_as_its_ballot_says(run, rule):
    scores = {"y": 0.75, "x": 0.25}
    mine = [ballot(0, "y").model_copy(update={"scores": scores})]
    given = {"rule": rule, "decided_by": "s0", "tally": scores, "margin": None}
    assert not findings(run.opening, mine, status="decided", winner="y", **given)
    assert findings(run.opening, mine, status="decided", winner="x", **given)
    assert findings(run.opening, mine, status="deadlock", **given)
    forged = {**given, "tally": {"x": 0.75, "y": 0.25}}
    assert findings(run.opening, mine, status="decided", winner="y", **forged)
    for others in ([ballot(1, "y")], [*mine, ballot(1, "y")]):
        assert findings(run.opening, others, status="decided", winner="y", **given)
    spoiled = [ballot(0, state="unreadable")]
    assert not findings(run.opening, spoiled, status="deadlock", **{**given, "tally": {}})


def test_without_a_decision_there_is_nothing_to_count(run):
    assert list(recount(Transcript(run.opening, cast(x=1)))) == []
