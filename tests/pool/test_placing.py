"""Which server runs where: what always holds, and what is chosen in the cases that people have."""

import re
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.pool.models.adapter import Adapter
from folkmoot.pool.models.headers import Tensor
from folkmoot.pool.placement.gathering import gather
from folkmoot.pool.placement.needs import Model, Wanted
from folkmoot.pool.placement.packing import RESIDUE
from folkmoot.pool.placement.placed import Placed, Source
from folkmoot.pool.placement.placing import USABLE, place
from folkmoot.pool.placement.sizes import CPU_BLOCK, GIB, Size
from folkmoot.pool.placement.values import Machine, Placement

WINDOW = 4096


def size(gib: float, heads: int = 8) -> Size:
    """A model of so many GiB of weights in bfloat16; a token takes 64 KiB of cache there."""
    hidden = 1024
    return Size(
        tensors=(Tensor("BF16", (int(gib * GIB) // 2,), int(gib * GIB)),),
        kv_numbers=32 * 1024,
        kv_heads=heads,
        heads=heads,
        window=16_384,
        hidden=hidden,
        intermediate=4 * hidden,
        vocabulary=32_000,
        ways={"q_proj": 4096, "k_proj": 4096, "v_proj": 4096, "up_proj": 2_000_000},
    )


def on(base: str, gib: float, adapter: str | None = None, *layers: str, rank: int = 8) -> Model:
    tuned = (adapter, Adapter(rank, layers or ("q_proj",), False, 1)) if adapter else None
    return Model(Source(base=base, adapter=adapter), base, size(gib), tuned)


def planned(
    models: Mapping[str, Model],
    *machines: Machine,
    window: int | None = WINDOW,
    replicas: Mapping[str, int] | None = None,
) -> Placement:
    return place(gather(models, window, replicas), machines)


def gpus(*gib: float, name: str = "here", port: int = 8100, turns: bool = True) -> Machine:
    return Machine(name, f"host-{name}", tuple(int(each * GIB) for each in gib), 0, port, turns)


def cpu(gib: float, name: str = "here") -> Machine:
    return Machine(name, f"host-{name}", (), int(gib * GIB), 8100)


def whys(placed: Placed) -> str:
    return "; ".join(placed.why)


def test_models_of_one_base_are_one_server_with_adapters():
    models = {"plain": on("org/base", 10)} | {
        f"nurse-{at}": on("org/base", 10, f"adapters/{at}") for at in range(32)
    }
    (placed,) = planned(models, gpus(24)).placed
    assert (placed.name, placed.gpus, placed.flags) == ("base", (0,), ())
    assert list(placed.models) == list(models)
    assert "33 models of one base share its weights, 32 of them as adapters" in placed.why


def test_more_adapters_than_there_is_room_for_wait_in_the_machines_memory():
    models = {f"nurse-{at}": on("b", 10, f"a/{at}", "up_proj", rank=64) for at in range(32)}
    found = planned(models, gpus(18))
    (placed,) = found.placed
    slots = found.figures["b"].slots
    assert 1 <= slots < 32
    assert placed.flags == ("--max-loras", str(slots), "--max-cpu-loras", "32")
    assert f"{slots} of 32 adapters at once: more leave no room" in placed.why
    (roomy,) = planned(models, gpus(80)).placed
    assert roomy.flags == ()


def test_two_names_of_one_adapter_take_two_slots():
    found = planned({"a": on("b", 1, "x"), "c": on("b", 1, "x")}, gpus(24))
    assert found.figures["b"].slots == 2


def test_servers_of_one_gpu_share_it_and_tell_vllm_their_caches():
    found = planned({"a": on("a", 20), "b": on("b", 10)}, gpus(80))
    first, second = found.placed
    assert first.gpus == second.gpus == (0,)
    assert first.share is not None
    assert second.share is not None
    assert first.share + second.share <= USABLE + 1e-6
    assert first.turns is second.turns is None
    assert "--kv-cache-memory-bytes" in first.flags, "else it would measure what others leave"
    tokens = [found.figures[name].kv_tokens for name in ("a", "b")]
    assert abs(tokens[0] - tokens[1]) / tokens[0] < 0.01, "the same room for a token of each"


def test_servers_stand_apart_as_long_as_there_are_gpus():
    found = planned({"a": on("a", 20), "b": on("b", 10)}, gpus(80, 80))
    assert [placed.gpus for placed in found.placed] == [(0,), (1,)]
    assert all(placed.flags == () for placed in found.placed)


def test_what_does_not_fit_side_by_side_takes_turns():
    found = planned({"a": on("a", 14), "b": on("b", 14), "c": on("c", 1)}, gpus(24))
    assert [placed.turns for placed in found.placed] == ["turns-1", "turns-1", None]
    first, second, beside = found.placed
    assert "takes turns with b: there is no room for them at once" in first.why
    assert "shares the GPU with a, b" in beside.why
    assert first.share is not None
    assert first.share == second.share, "awake it has what both may have"
    assert first.share + (beside.share or 0) < USABLE, "and who sleeps leaves something behind"


def test_only_those_take_turns_that_must():
    found = planned({"a": on("a", 14), "b": on("b", 14), "c": on("c", 14)}, gpus(24, 24))
    turns = [placed.turns for placed in found.placed]
    assert sorted(map(str, turns)) == ["None", "turns-1", "turns-1"]


def test_nobody_takes_turns_where_others_could_not_wake_them():
    found = planned({"a": on("a", 14), "b": on("b", 14)}, gpus(24, turns=False))
    assert [placed.turns for placed in found.placed] == [None]
    assert found.findings[0].models == ("b",)
    assert "is left beside the others" in found.findings[0].what


def test_a_base_too_large_for_one_gpu_is_spread():
    (placed,) = planned({"large": on("large", 100)}, gpus(80, 80, 80)).placed
    assert placed.gpus == (0, 1)
    assert "over 2 GPUs: on fewer there is no room for it" in placed.why
    odd = on("odd", 100)._replace(size=size(100, heads=7))
    assert planned({"odd": odd}, gpus(80, 80)).findings, "seven heads cannot be halved"


def test_what_fits_nowhere_says_how_much_is_missing():
    found = planned({"huge": on("huge", 200)}, gpus(80, 80))
    assert found.placed == ()
    (finding,) = found.findings
    assert finding.models == ("huge",)
    assert "on each of 2 GPUs; at most 72.0 GiB can be used" in finding.what
    assert 50 < finding.short_gib < 70
    each_gib = finding.short_gib / 2
    assert finding.todo.startswith(f"{each_gib:.1f} GiB more on each of GPUs 0, 1 of here; or ")
    assert finding.todo.endswith("; or a smaller or quantised base")
    assert planned({"huge": on("huge", 200)}, gpus(80 + each_gib, 80 + each_gib)).findings == ()
    less = 80 + each_gib - 0.1
    assert planned({"huge": on("huge", 200)}, gpus(less, less)).findings


def test_a_window_that_would_fit_is_advised():
    found = planned({"a": on("a", 19.5)}, gpus(24), window=16_384)
    (finding,) = found.findings
    window = int(finding.todo.split("a window of ")[1].split()[0])
    assert planned({"a": on("a", 19.5)}, gpus(24), window=window).findings == ()
    assert planned({"a": on("a", 19.5)}, gpus(24), window=window + 512).findings


def test_a_second_gpu_that_would_do_is_advised():
    found = planned({"a": on("a", 60)}, gpus(60))
    assert "another GPU of 60 GiB on here" in found.findings[0].todo
    assert planned({"a": on("a", 60)}, gpus(60, 60)).findings == ()
    odd = {"a": on("a", 60)._replace(size=size(60, heads=7))}
    assert "another GPU" not in planned(odd, gpus(60)).findings[0].todo


def test_on_a_processor_too_a_shorter_window_is_advised():
    models = {"a": on("a", 3)}
    (finding,) = planned(models, cpu(10.5), window=16_384).findings
    window = int(finding.todo.split("a window of ")[1].split()[0])
    assert planned(models, cpu(10.5), window=window).findings == ()
    assert planned(models, cpu(10.5), window=window + 256).findings


def test_copies_of_one_server_never_take_turns_with_others():
    """They would be joined with those and never as copies: one would stand idle for ever."""
    models = {"a": on("a", 130), "b": on("b", 28), "c": on("c", 8)}
    machines = gpus(80, 80), gpus(12, name="attic", turns=False)
    found = planned(models, *machines, replicas={"c": 2})
    assert {placed.turns for placed in found.placed if placed.replica_of == "c"} <= {None}
    assert [finding.engine for finding in found.findings] == ["c"]


def test_who_is_spread_for_the_sake_of_its_turns_says_so():
    found = planned({"large": on("large", 125), "small": on("small", 60)}, gpus(80, 80))
    large, small = found.placed
    assert large.gpus == small.gpus == (0, 1)
    assert "over 2 GPUs: on fewer there is no room for it" in large.why
    assert "over 2 GPUs: so are those that it takes turns with" in small.why


def test_who_cannot_be_halved_takes_no_turns_over_two():
    odd = on("odd", 40)._replace(size=size(40, heads=7))
    found = planned({"odd": odd, "more": on("more", 39), "wide": on("wide", 70)}, gpus(60, 60))
    for placed in found.placed:
        assert placed.name != "odd" or len(placed.gpus) == 1


def test_copies_stand_apart_on_gpus_and_machines():
    machines = gpus(40, 40, name="one"), gpus(24, name="two")
    found = planned({"a": on("a", 10)}, *machines, replicas={"a": 3})
    assert [placed.name for placed in found.placed] == ["a-1", "a-2", "a-3"]
    assert {(placed.machine, placed.gpus) for placed in found.placed} == {
        ("one", (0,)),
        ("one", (1,)),
        ("two", (0,)),
    }
    assert {placed.replica_of for placed in found.placed} == {"a"}
    missing = planned({"a": on("a", 14)}, gpus(24), replicas={"a": 2})
    assert [placed.name for placed in missing.placed] == ["a-1"]
    assert "fewer replicas of a" in missing.findings[0].todo


def test_a_processor_gives_whole_gib_to_caches():
    found = planned({"a": on("a", 1), "b": on("b", 1)}, cpu(20))
    assert [placed.kv_cache_gib for placed in found.placed] == [2, 2]
    assert [placed.share for placed in found.placed] == [None, None]
    assert found.figures["a"].weights_gib == 2, "in float32"
    assert found.figures["a"].kv_tokens == 2 * GIB // (128 * 1024 * CPU_BLOCK) * CPU_BLOCK
    tight = planned({"a": on("a", 1), "b": on("b", 1)}, cpu(11.5))
    assert [placed.kv_cache_gib for placed in tight.placed] == [1, 1]


def test_a_window_is_never_longer_than_the_models_own():
    assert planned({"a": on("a", 1)}, gpus(24), window=99_999).placed[0].window == 16_384
    assert planned({"a": on("a", 1)}, gpus(24), window=None).placed[0].window == 16_384


def test_names_differ_from_each_other_and_from_other_engines():
    models = {"a": on("org/base", 1), "b": on("other/base", 1), "c": on("odd name/", 1)}
    wanted = gather(models, taken=["base"])
    assert [each.name for each in wanted] == ["base-2", "base-3", "odd-name"]
    models = {"a": on("x-1", 1), "b": on("x", 1)}
    assert [each.name for each in gather(models, replicas={"b": 2})] == ["x-1", "x-2-1", "x-2-2"]


def test_ports_that_others_have_are_left_out():
    wanted = gather({"a": on("a", 1), "b": on("b", 1)})
    found = place(wanted, [gpus(24)], ports=[8100, 8102])
    assert [placed.port for placed in found.placed] == [8101, 8103]


BASES = st.lists(
    st.tuples(st.floats(0.2, 90), st.integers(0, 40), st.integers(1, 3), st.sampled_from([7, 8])),
    min_size=1,
    max_size=6,
)
MACHINES = st.lists(
    st.one_of(
        st.lists(st.sampled_from([16.0, 24.0, 80.0]), min_size=1, max_size=4).map(tuple),
        st.sampled_from([8.0, 64.0]),
    ),
    min_size=1,
    max_size=3,
)


def everything(bases: list, places: list) -> tuple[tuple[Wanted, ...], list[Machine]]:
    models: dict[str, Model] = {}
    replicas: dict[str, int] = {}
    for at, (gib, adapters, copies, heads) in enumerate(bases):
        for tuned in [None, *range(adapters)]:
            name = None if tuned is None else f"a{at}-{tuned}"
            model = on(f"b{at}", gib, name, "up_proj", rank=16)
            models[name or f"b{at}"] = model._replace(size=size(gib, heads))
        replicas[f"b{at}"] = copies
    machines = [
        gpus(*each, name=f"m{at}") if isinstance(each, tuple) else cpu(each, f"m{at}")
        for at, each in enumerate(places)
    ]
    return gather(models, WINDOW, replicas), machines


@settings(max_examples=40, deadline=None)
@given(BASES, MACHINES)
def test_nothing_is_lost_and_nothing_is_given_twice(bases: list, places: list):
    wanted, machines = everything(bases, places)
    found = place(wanted, machines)
    assert found == place(wanted, machines), "the same for the same arguments"
    placed = {(each.replica_of or each.name): each for each in found.placed}
    missing = {each.engine for each in found.findings}
    for each in wanted:
        assert each.engine in placed or each.engine in missing
    assert len(found.placed) + len(found.findings) == len(wanted)
    ports = [(each.host, each.port) for each in found.placed]
    assert len(set(ports)) == len(ports)
    assert len({each.name for each in found.placed}) == len(found.placed)
    assert all(finding.short_gib > 0 and finding.todo for finding in found.findings)
    for machine in machines:
        _check_room(machine, [each for each in found.placed if each.machine == machine.name], found)


MORE = re.compile(r"([\d.]+) GiB more (?:memory )?on (each of GPUs|GPU|)\s*([\d, ]*)(?:of )?(m\d+)")


FEW = st.lists(
    st.tuples(st.floats(0.2, 90), st.integers(0, 3), st.integers(1, 2), st.sampled_from([7, 8])),
    min_size=1,
    max_size=3,
)


@settings(max_examples=30, deadline=None)
@given(FEW, MACHINES)
def test_advice_that_is_followed_helps(bases: list, places: list):
    wanted, machines = everything(bases, places)
    found = place(wanted, machines)
    was = {(each.engine, each.what) for each in found.findings}
    for finding in found.findings:
        for advice in finding.todo.split("; or "):
            then, there = wanted, machines
            if told := MORE.fullmatch(advice):
                there = _more(machines, float(told[1]), told[3], told[4])
            elif advice.startswith("another GPU of "):
                size, name = advice.removeprefix("another GPU of ").split(" GiB on ")
                there = [
                    each._replace(gpus=(*each.gpus, int(float(size) * GIB)))
                    if each.name == name
                    else each
                    for each in machines
                ]
            elif advice.startswith("a window of "):
                window = int(advice.split()[3])
                then = tuple(each._replace(window=min(each.window, window)) for each in wanted)
            else:
                assert advice.startswith(("fewer replicas of ", "a smaller or quantised base"))
                continue
            now = place(then, there).findings
            assert len(now) < len(was), advice


def _more(machines: list[Machine], gib: float, gpus: str, name: str) -> list[Machine]:
    """As one would write it into the file."""
    at = {int(each) for each in gpus.replace(",", " ").split()}
    return [
        each
        if each.name != name
        else each._replace(
            gpus=tuple(
                int((gpu / GIB + gib) * GIB) if n in at else gpu for n, gpu in enumerate(each.gpus)
            ),
            memory=each.memory if at else int((each.memory / GIB + gib) * GIB),
        )
        for each in machines
    ]


def _check_room(machine: Machine, servers: list[Placed], found: Placement) -> None:
    for at, total in enumerate(machine.gpus):
        held: dict[str, list[float]] = {}
        for each in servers:
            if at in each.gpus:
                assert each.share is not None
                held.setdefault(each.turns or each.name, []).append(each.share * total)
        # Of those that take turns one is awake; the others leave something behind.
        took = sum(max(shares) + RESIDUE * (len(shares) - 1) for shares in held.values())
        assert took <= total * (USABLE + 1e-6)
    if not machine.gpus:
        needs: dict[str, list[float]] = {}
        for each in servers:
            needs.setdefault(each.turns or each.name, []).append(_whole_gib(each, found))
        assert sum(map(max, needs.values())) * GIB <= machine.memory * USABLE + 0.01 * GIB
    for each in servers:
        figures = found.figures[each.name]
        assert figures.kv_tokens >= each.window, "one whole window always fits"
        if each.share is not None:
            given_gib = each.share * sum(machine.gpus[at] for at in each.gpus) / GIB
            assert _whole_gib(each, found) <= given_gib + 0.01


def _whole_gib(placed: Placed, found: Placement) -> float:
    figures = found.figures[placed.name]
    known = figures.weights_gib + figures.adapters_gib + figures.overhead_gib
    return known + placed.kv_cache_gib
