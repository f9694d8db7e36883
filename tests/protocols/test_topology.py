"""Who hears whom."""

import networkx as nx
import pytest

from folkmoot.protocols import Debate, Topology
from folkmoot.protocols.topology import heard
from folkmoot.records import InputError, Place, Transcript

SEATS = ("ann", "bo", "cy", "di")


def reads(given) -> dict[str, str]:
    return {
        seat: "".join(read[0] for read in sorted(near))
        for seat, near in Topology.of(given).reads(SEATS).items()
    }


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("complete", ("abcd", "abcd", "abcd", "abcd")),
        ("ring", ("abd", "abc", "bcd", "acd")),
        ("star", ("abcd", "ab", "ac", "ad")),
        ({"name": "star", "hub": "cy"}, ("ac", "bc", "abcd", "cd")),
        (nx.DiGraph([("bo", "ann"), ("cy", "bo")]), ("a", "ab", "bc", "d")),
        (nx.Graph([("ann", "di")]), ("ad", "b", "c", "ad")),
        (nx.MultiDiGraph([("bo", "ann"), ("bo", "ann")]), ("a", "ab", "c", "d")),
        (nx.MultiGraph([("ann", "di"), ("di", "ann")]), ("ad", "b", "c", "ad")),
    ],
)
def test_each_seat_reads_its_neighbours_and_itself(given, near):
    assert reads(given) == dict(zip(SEATS, near, strict=True))


def test_a_panel_of_one_or_two_needs_no_special_case():
    for name in ("complete", "ring", "star"):
        assert Topology(name=name).reads(("ann",)) == {"ann": frozenset({"ann"})}
        assert all(len(near) == 2 for near in Topology(name=name).reads(("ann", "bo")).values())


def test_seats_that_are_not_on_the_panel_are_named():
    topology = Topology.of(nx.DiGraph([("ann", "zoe"), ("kim", "bo")]))
    assert [fault.split(",")[0] for fault in topology.faults(SEATS)] == [
        "the topology names 'kim'",
        "the topology names 'zoe'",
    ]
    assert Topology(name="star", hub="zoe").faults(SEATS) != ()
    assert Topology(name="ring").faults(SEATS) == ()


@pytest.mark.parametrize("given", ["web", 3, None])
def test_what_is_no_topology_is_refused(given):
    with pytest.raises(InputError, match="topology"):
        Topology.of(given)


def test_a_topology_survives_the_record():
    given = Topology.of(nx.DiGraph([("bo", "ann")]))
    assert Topology.of(given.model_dump(mode="json")) == given


def test_parallel_edges_collapse_into_one():
    given = nx.MultiDiGraph([("bo", "ann"), ("bo", "ann"), ("ann", "bo")])
    assert Topology.of(given).edges == (("ann", "bo"), ("bo", "ann"))
    assert Topology.of(nx.MultiGraph([("ann", "bo")] * 2)) == Topology.of(given)


def test_a_seat_hears_only_earlier_rounds_and_only_whom_it_reads(begin, walk, seats):
    opening = begin(SEATS)
    leaning = seats(ann=0.9, bo=0.1, cy=0.9, di=0.1)
    seen = walk(Debate(rounds=2, topology="ring"), opening, leaning).seen
    now = Transcript(opening, seen.records, Place(99, 1, "stand"))
    shown = heard(now, Topology(name="ring"))["ann"]
    assert {turn.seat for turn in shown} == {"ann", "bo", "di"}
    assert {turn.round for turn in shown} == {0}
    assert [turn.id for turn in shown] == sorted(turn.id for turn in shown)
