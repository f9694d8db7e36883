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
    tally = dict.fromkeys(("x", "y", "z"), 0.0)
    for each in cast_:
        if each.ranking:
            tally[each.ranking[0]] += 1
    fields = {
        "step": 1,
        "order": 0,
        "options": ("x", "y", "z"),
        "rule": "majority",
        "tally": tally,
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
    assert not findings(run.opening, ballots, status="deadlock", params=params)
    assert findings(run.opening, ballots, status="decided", winner="x", params=params)
    assert not findings(run.opening, ballots, status="decided", winner="x", params={})
    half = [*cast(x=2), ballot(8, state="unreadable"), ballot(9, state="abstained")]
    assert not findings(run.opening, half, status="decided", winner="x", params=params)
    assert not findings(run.opening, [], status="deadlock")
    assert not findings(run.opening, [ballot(0, state="abstained")], status="deadlock")


def test_ballots_must_be_there_and_as_the_decision_lists_them(run):
    ballots = cast(x=2)
    gone = findings(run.opening, ballots, status="decided", winner="x", ballots=("b0", "b7"))
    assert gone == ["the decision counts ballots that are not on record: b7"]
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


def test_other_rules_need_their_ballots_and_a_winner_among_the_options(run):
    ballots = [ballot(0, "y", "x"), ballot(1, "x")]
    given = {"rule": "schulze", "tally": {"x": 2.0, "y": 1.0, "z": 0.0}}
    assert not findings(run.opening, ballots, status="decided", winner="x", **given)
    assert findings(run.opening, ballots, status="decided", winner="w", **given)
    assert findings(run.opening, ballots, status="decided", winner=None, **given)
    assert findings(run.opening, ballots, status="tied", winner="x", **given)


def test_a_judge_decides_as_its_ballot_says(run):
    given = {"rule": "judge", "status": "decided", "decided_by": "s0"}
    assert not findings(run.opening, [ballot(0, "y")], winner="y", **given)
    assert findings(run.opening, [ballot(0, "y")], winner="x", **given)
    assert findings(run.opening, [ballot(1, "x")], winner="x", **given)


def test_without_a_decision_there_is_nothing_to_count(run):
    assert list(recount(Transcript(run.opening, cast(x=1)))) == []
