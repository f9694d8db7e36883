"""Who hears whom."""

from collections import Counter

import networkx as nx
import pytest
from pydantic import ValidationError

from folkmoot.protocols import Debate, Topology
from folkmoot.protocols.hearing import Hearing, hears
from folkmoot.protocols.topology import Around
from folkmoot.records import InputError, Party, Place, Stance, Transcript

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
    shown = hears(now, Hearing(topology="ring"))["ann"].turns
    assert {turn.seat for turn in shown} == {"ann", "bo", "di"}
    assert {turn.round for turn in shown} == {0}
    assert [turn.id for turn in shown] == sorted(turn.id for turn in shown)


EDGES = {
    "complete": {"name": "complete"},
    "directed-ring": {"name": "directed-ring"},
    "chain": {"name": "chain"},
    "tree": {"name": "tree"},
    "wheel": {"name": "wheel"},
    "layers": {"name": "layers", "k": 2},
    "bipartite": {"name": "bipartite", "groups": [["ann", "bo"], ["cy", "di"]]},
    "groups": {"name": "groups", "k": 2},
    "delegates": {"name": "groups", "k": 2, "delegates": ["bo", "di"]},
    "reversed": {"name": "chain", "direction": "reversed"},
    "both": {"name": "chain", "direction": "both"},
    "per-round": {"name": "per-round", "rounds": [{"name": "chain"}, {"name": "star"}]},
}


@pytest.mark.parametrize(
    ("given", "near"),
    [
        (EDGES["complete"], ("bcd", "acd", "abd", "abc")),
        (EDGES["directed-ring"], ("d", "a", "b", "c")),
        (EDGES["chain"], ("", "a", "b", "c")),
        (EDGES["tree"], ("bc", "d", "", "")),
        (EDGES["wheel"], ("bcd", "acd", "abd", "abc")),
        (EDGES["layers"], ("", "", "ab", "ab")),
        (EDGES["bipartite"], ("cd", "cd", "ab", "ab")),
        (EDGES["groups"], ("bc", "a", "ad", "c")),
        (EDGES["delegates"], ("b", "ad", "d", "bc")),
        (EDGES["reversed"], ("b", "c", "d", "")),
        (EDGES["both"], ("b", "ac", "bd", "c")),
        (EDGES["per-round"], ("", "a", "b", "c")),
    ],
    ids=EDGES,
)
def test_i_reads_j_with_self_visibility_apart(given, near):
    assert reads({**given, "self_visible": False}) == dict(zip(SEATS, near, strict=True))
    seen = {seat: "".join(sorted({*read, seat[0]})) for seat, read in zip(SEATS, near, strict=True)}
    assert reads(given) == seen


def test_a_wheel_is_a_star_with_a_ring_for_a_rim():
    seats = tuple("habcde")
    wheel = Topology(name="wheel", self_visible=False).reads(seats)
    assert wheel["h"] == set("abcde")
    assert wheel["a"] == set("heb")
    star = Topology(name="star", self_visible=False).reads(seats)
    assert star["a"] == {"h"}, "no rim"


@pytest.mark.parametrize("k", [1, 2, 3])
def test_k_regular_reads_k_and_is_read_by_k_as_the_seed_says(k):
    def drawn(seed: int, round: int = 1, redrawn: bool = False):
        topology = Topology(name="k-regular", k=k, self_visible=False, redrawn=redrawn)
        return topology.reads(SEATS, Around(SEATS, round, seed))

    for seed in range(8):
        assert all(len(read) == k for read in drawn(seed).values())
        assert Counter(s for read in drawn(seed).values() for s in read) == dict.fromkeys(SEATS, k)
        assert drawn(seed) == drawn(seed, 2)
    if k < 3:
        assert len({str(sorted(drawn(seed)["ann"])) for seed in range(20)}) > 1
        rounds = {str(sorted(drawn(0, round, True)["ann"])) for round in range(20)}
        assert len(rounds) > 1


def test_a_random_topology_has_its_share_of_edges():
    def edges(p: float, seed: int) -> int:
        read = Topology(name="random", p=p, self_visible=False).reads(SEATS, Around(SEATS, 1, seed))
        return sum(map(len, read.values()))

    assert {edges(0, seed) for seed in range(5)} == {0}
    assert {edges(1, seed) for seed in range(5)} == {12}
    share = sum(edges(0.3, seed) for seed in range(400)) / 400 / 12
    assert 0.27 < share < 0.33
    unknown = Topology(name="random", p=0.1)
    assert unknown.reads(SEATS) == Topology().reads(SEATS), "without a seed: all that may be"
    assert unknown.depends_on == {"seed"}


KIN = (
    Party(seat="ann", model="m", statement="I care.", values={"face": 1.0, "tradition": 0.5}),
    Party(seat="bo", model="m", statement=" i  CARE.", values={"face": 1.0, "tradition": 0.5}),
    Party(seat="cy", model="n", statement="I pay.", values={"face": 0.9}),
    Party(seat="di", model="n"),
)


@pytest.mark.parametrize(
    ("by", "same"),
    [
        ("perspective", ("ab", "ab", "c", "d")),
        ("statement", ("ab", "ab", "c", "d")),
        ("values", ("ab", "ab", "c", "d")),
        ("leading", ("abc", "abc", "abc", "d")),
        ("model", ("ab", "ab", "cd", "cd")),
        ("contributor", ("abcd", "abcd", "abcd", "abcd")),
    ],
)
def test_edges_by_declared_perspective_are_the_same_or_the_others(by, same):
    at = Around(SEATS, parties=KIN)
    kin = Topology(name="same-perspective", by=by).reads(SEATS, at)
    assert ["".join(sorted(s[0] for s in kin[seat])) for seat in SEATS] == list(same)
    cross = Topology(name="cross-perspective", by=by, self_visible=False).reads(SEATS, at)
    assert all(kin[seat] | cross[seat] == set(SEATS) for seat in SEATS)
    assert not any(kin[seat] & cross[seat] for seat in SEATS)


def stances(opening, *rounds: dict[str, float]) -> Transcript:
    """Each round: seat → the probability of yes."""
    records = [
        Stance(
            step=step,
            order=order,
            seat=seat,
            round=step,
            stage="stand",
            options=("yes", "no"),
            state="valid",
            choice="yes" if yes > 0.5 else "no",
            probabilities={"yes": yes, "no": 1 - yes},
            source="probabilities",
        )
        for step, held in enumerate(rounds)
        for order, (seat, yes) in enumerate(held.items())
    ]
    return Transcript(opening, records, Place(9, len(rounds), "stand"))


def test_pruned_edges_are_those_that_the_record_speaks_for(begin):
    seen = stances(
        begin(SEATS),
        {"ann": 0.9, "bo": 0.9, "cy": 0.1, "di": 0.3},
        {"ann": 0.9, "bo": 0.1, "cy": 0.1, "di": 0.3},
    )

    def near(**fields):
        return {
            seat: "".join(sorted(each[0] for each in read))
            for seat, read in Topology(name="pruned", self_visible=False, **fields)
            .over(seen)
            .items()
        }

    assert near(at_least=0.5) == {"ann": "b", "bo": "acd", "cy": "bd", "di": "bc"}
    assert near(weight="disagreement", at_least=1)["ann"] == "cd"
    assert near(weight="certainty")["ann"] == "bc", "the mean of .9, .9 and .7 is the bar"
    assert near(weight="trust")["ann"] == "cd", ".45, .9 and .7"
    assert near(base={"name": "chain"}, weight="disagreement") == {
        "ann": "", "bo": "a", "cy": "b", "di": "c"
    }  # fmt: skip
    before = stances(begin(SEATS))
    assert Topology(name="pruned").over(before) == Topology().reads(SEATS), "nothing to go by"
    assert Topology(name="pruned").depends_on == {"record"}


def widow(seen):
    """Everybody reads whoever spoke least."""
    return {seat: ["di"] for seat in seen.opening.seats}


def astray(seen):
    """Names somebody who is not there."""
    return {"ann": ["zoe"]}


def test_a_plain_function_of_the_record_is_a_topology(begin):
    seen = stances(begin(SEATS))
    assert Topology.of(widow).over(seen)["ann"] == {"ann", "di"}
    with pytest.raises(InputError, match="names 'zoe'"):
        Topology.of(astray).over(seen)
    assert Topology.of(widow).model_dump(mode="json")["rule"].endswith(":widow")
    assert reads(widow)["ann"] == "abcd", "who reads whom is not known before the run"


def test_each_round_has_its_own_and_the_last_one_stays():
    topology = Topology.of(["chain", "star", nx.DiGraph([("bo", "di")])])
    per_round = [
        "".join(sorted(s[0] for s in topology.reads(SEATS, Around(SEATS, round))["bo"]))
        for round in range(5)
    ]
    assert per_round == ["ab", "ab", "ab", "bd", "bd"]
    assert topology.reads(SEATS, Around(SEATS, 2))["ann"] == set(SEATS)
    assert Topology.of(topology.model_dump(mode="json")) == topology


@pytest.mark.parametrize("given", [*EDGES.values(), {"name": "random", "p": 0.0}])
def test_the_record_holds_a_topologys_name_and_what_is_not_its_default(given):
    topology = Topology.of(given)
    assert set(topology.model_dump(mode="json")) == set(given)
    assert Topology.of(topology.model_dump(mode="json")) == topology


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "ring", "p": 0.3}, "no parameter 'p'"),
        ({"name": "random"}, "needs p"),
        ({"name": "custom"}, "needs edges or rule"),
        ({"name": "groups"}, "needs groups or k"),
        ({"name": "bipartite", "groups": [["ann"]]}, "two groups"),
        ({"name": "pruned", "weight": "looks"}, "no weight of edges is named 'looks'"),
        ({"name": "per-round", "rounds": []}, "needs rounds"),
    ],
)
def test_parameters_that_do_not_go_with_a_name_are_refused(fields, said):
    with pytest.raises(ValidationError, match=said):
        Topology.of(fields)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "k-regular", "k": 4}, "4 others of 4 seats"),
        ({"name": "groups", "groups": [["ann", "bo", "cy"]]}, "'di' in no group"),
        ({"name": "layers", "groups": [SEATS, ["ann"]]}, "'ann' in no group, or in several"),
        ({"name": "groups", "k": 2, "delegates": ["zoe"]}, "names 'zoe'"),
        ([{"name": "star", "hub": "zoe"}], "names 'zoe'"),
        ({"name": "pruned", "base": {"name": "star", "hub": "zoe"}}, "names 'zoe'"),
    ],
)
def test_what_does_not_fit_the_panel_is_found(given, said):
    assert said in "\n".join(Topology.of(given).faults(SEATS))


def test_a_group_hears_itself_alone(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.1, cy=0.9, di=0.1)
    seen = walk(Debate(rounds=1), begin(SEATS), leaning).seen
    inside = seen.at(Place(99, 3, "stand")).within(["ann", "cy"])
    assert {turn.seat for turn in hears(inside, Hearing())["ann"].turns} == {"ann", "cy"}
