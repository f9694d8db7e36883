"""Debate: which stages it comes to, for either kind of question."""

import pytest

from folkmoot.protocols import Debate


@pytest.mark.parametrize("options", [("yes", "no"), None], ids=["choice", "open"])
@pytest.mark.parametrize("contested", [True, False])
def test_claims_are_judged_where_that_is_asked_for(begin, walk, seats, options, contested):
    protocol = Debate(rounds=1, contest_claims=contested)
    went = walk(protocol, begin(["ann", "bo"], options), seats(ann=0.9, bo=0.1))
    assert ("judge" in went.stages) == contested
    assert any(call.purpose == "judge" for call in went.calls) == contested


def test_conflicts_are_drawn_up_after_the_rankings_and_before_the_decision(begin, walk, seats):
    went = walk(Debate(rounds=0), begin(["ann", "bo"], None), seats(ann=0.9, bo=0.1))
    assert went.stages == ["speak", "judge", "rank", "contest", "decide", "conclude"]
