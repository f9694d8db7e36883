"""A point that several seats make in words of their own is one point, and one conflict."""

import pytest

from folkmoot.protocols import Log
from folkmoot.records import audit
from folkmoot.records.conflict_log import ConflictLog
from tests.protocols.test_clerk_stage import TALK, TWICE, run, says

SEATS = ("ann", "bo", "cy", "di")
"""They speak in the order bo, cy, di, ann: the seed says so."""
SAID = {
    "cy": "Cars poison the air we breathe.",
    "ann": "The air in this town is clean.",
    "di": "What comes out of cars is bad for our lungs.",
    "bo": "Cars are loud and keep us awake.",
}
AIR = ("poison the air", "bad for our lungs")
LOG = Log(clerk="small")


def judge(call):
    """A clerk that knows ann's side by its words, and the point about the air."""
    claims = next(segment.text for segment in call.segments if segment.label == "claims")
    texts = claims.split("\n")
    if call.purpose.startswith("same"):
        same = all(any(each in text for each in AIR) for text in texts)
        return (0.95, 0.05) if same else (0.2, 0.8)
    against = ["clean" in text or "fresh" in text for text in texts]
    return (0.94, 0.03, 0.03) if against[0] != against[1] else (0.03, 0.94, 0.03)


def talk(walk, begin, said=SAID, log=LOG, judge=judge, protocol=TALK):
    return run(walk, begin, log, protocol, says(said, judge), SEATS)


def parts(found):
    """The conflicts over single claims: what is attacked, and who is on which side."""
    return {
        each.positions[0].spans[0].exact: tuple(set(p.parties) for p in each.positions)
        for each in found.seen.conflicts
        if each.parent is not None
    }


def test_one_point_of_two_seats_is_one_conflict(walk, begin):
    apart = talk(walk, begin, log=Log(clerk="small", same=False))
    assert apart.seen.restatements == ()
    assert set(parts(apart)) == {SAID["cy"], SAID["di"], SAID["bo"]}
    found = talk(walk, begin)
    together = parts(found)
    assert set(together) == {SAID["cy"], SAID["bo"]}
    assert together[SAID["cy"]][0] >= {"cy", "di"}
    assert together[SAID["cy"]][1] == {"ann"}
    assert not [each for each in audit(found.seen) if "reply" not in each]


def test_the_second_claim_comes_into_the_conflict_with_its_words(walk, begin):
    found = talk(walk, begin)
    part = next(e for e in found.seen.conflicts if e.positions[0].spans[0].exact == SAID["cy"])
    opened, merged = part.history
    assert (opened.event, opened.by) == ("opened", "ann")
    assert (merged.event, merged.by, merged.to_position) == ("merged", "di", f"{part.id}.a")
    assert [span.exact for span in merged.spans] == [SAID["di"]]
    assert [span.exact for span in part.positions[0].spans] == [SAID["cy"], SAID["di"]]
    judged = {each.id: each for each in found.seen.relations}
    assert {judged[name].first.exact for name in part.detection.relations} >= {SAID["cy"]}
    assert len(part.detection.relations) == 2


def test_only_claims_that_go_together_are_asked_about(walk, begin):
    found = talk(walk, begin)
    asked = [call for call in found.calls if call.purpose == "same"]
    supports = [e for e in found.seen.relations if e.first and e.likeliest == "support"]
    assert len(asked) == 2 * len(supports)
    assert {call.model for call in asked} == {"small"}
    assert not any("clean" in segment.text for call in asked for segment in call.segments)
    assert [(e.first, e.second) for e in found.seen.restatements] == [
        (e.first, e.second) for e in supports
    ]
    coverage = ConflictLog.of(found.seen).coverage
    assert coverage.clerk_same is not None
    assert coverage.clerk_same.asked == coverage.clerk_same.judged == len(supports)
    assert coverage.llm_same is None


def test_nobody_is_merged_where_the_clerk_is_unsure(walk, begin):
    def unsure(call):
        return (0.7, 0.3) if call.purpose == "same" else judge(call)

    found = talk(walk, begin, judge=unsure)
    assert all(each.probability == 0.7 for each in found.seen.restatements)
    assert len(parts(found)) == len(parts(talk(walk, begin, log=Log(clerk="small", same=False))))


def test_what_both_sides_say_merges_nobody(walk, begin):
    """A claim of the other side does not join this one, whatever a clerk thinks of the words."""

    def fooled(call):
        return (0.99, 0.01) if call.purpose == "same" else judge(call)

    said = {**SAID, "ann": "The air is clean. The air is fresh."}
    found = talk(walk, begin, said, judge=fooled)
    for mine, yours in parts(found).values():
        assert not mine & yours
        assert ("ann" in mine) != ("ann" in yours)
    assert not [each for each in audit(found.seen) if "reply" not in each]


def test_who_makes_the_same_point_as_an_attacker_attacks_too(walk, begin):
    """Of two claims that the air is good one is seen to attack cy's."""

    def blind(call):
        claims = next(segment.text for segment in call.segments if segment.label == "claims")
        if call.purpose == "same":
            return (0.95, 0.05) if "clean" in claims and "fresh" in claims else (0.1, 0.9)
        if "poison" in claims and "fresh" in claims:
            return (0.5, 0.1, 0.4)
        return judge(call)

    said = {**SAID, "di": "We have fresh air here all day."}
    assert parts(talk(walk, begin, said, judge=blind))[SAID["cy"]][1] == {"ann", "di"}
    alone = talk(walk, begin, said, Log(clerk="small", same=False), blind)
    assert parts(alone)[SAID["cy"]][1] == {"ann"}


def test_what_a_seat_said_before_its_latest_message_merges_nothing(walk, begin):
    """di made the point about the air once, and speaks of something else now."""
    said = {**SAID, "di": [SAID["di"], "Streets without cars are good for trade."]}
    found = talk(walk, begin, said, protocol=TWICE)
    told = [end.exact for each in found.seen.restatements for end in (each.first, each.second)]
    assert SAID["di"] in told
    for each in found.seen.conflicts:
        assert not [event for event in each.history if event.event == "merged"]


def test_a_large_model_votes_on_it(walk, begin):
    def votes(call):
        yes = judge(call)[0] > 0.5
        if call.purpose == "same_votes":
            return '{"same": "%s"}' % ("yes" if yes else "no")
        return '{"relation": "%s"}' % ("attack" if yes else "support")

    log = Log(llm="large", votes=3)
    found = talk(walk, begin, log=log, judge=votes)
    assert {each.layer for each in found.seen.restatements} == {"llm"}
    assert {each.probability for each in found.seen.restatements} == {0.0, 1.0}
    assert SAID["di"] not in parts(found)
    coverage = ConflictLog.of(found.seen).coverage
    assert coverage.llm_same is not None
    assert coverage.llm_same.asked == coverage.llm_same.judged == len(found.seen.restatements)


@pytest.mark.parametrize("votes", [0, 3])
def test_what_it_may_ask_is_bounded_before_it_runs(walk, begin, votes):
    from folkmoot.graphs.dry import worst_case
    from folkmoot.protocols import with_log
    from tests.protocols.conftest import opening_of

    log = Log(llm="large", votes=3) if votes else LOG
    long = {seat: " ".join(f"Claim {n} of {seat} says a lot." for n in range(9)) for seat in SEATS}

    def agreed(call):
        if votes:
            return '{"same": "yes"}' if call.purpose == "same_votes" else '{"relation": "support"}'
        return (0.9, 0.1) if call.purpose == "same" else (0.0, 1.0, 0.0)

    purpose = "same_votes" if votes else "same"
    opening = opening_of(SEATS, None, "Should the town ban cars?")
    bound = [c for c in worst_case(with_log(TALK, log), opening).calls if c.purpose == purpose]
    found = talk(walk, begin, long, log=log, judge=agreed)
    asked = [call for call in found.calls if call.purpose == purpose]
    assert asked
    assert len(asked) <= len(bound)
