"""Protocols as files: the same graph, and the same digest, come back."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.graphs import deliberate, resume
from folkmoot.graphs.files import protocol_of, read_protocol, rebuilt, write_protocol
from folkmoot.pool import Pool
from folkmoot.protocols import (
    Debate,
    Deliberation,
    FanIn,
    Gate,
    Group,
    Parallel,
    Repeat,
    Rule,
    Setting,
    Topology,
    catalogue,
    reference,
)
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.critique import Accepted
from folkmoot.protocols.decide import Decide, JudgeDecides
from folkmoot.protocols.judge import Judge
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import Settled
from folkmoot.records import InputError, RecordError

SEATS = tuple(f"seat-{n}" for n in range(7))
OPEN, CHOICE = Setting(SEATS), Setting(SEATS, ("yes", "no"))
END = (Contest(), Decide(), Conclude())

MINE = '''
def differ(seen):
    """Whether anybody differs from anybody."""
    return len({stance.choice for stance in seen.stands()}) > 1
'''


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A module of a user's own, which can be imported and changed."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(text: str = MINE):
        sys.modules.pop("mine", None)
        (tmp_path / "mine.py").write_text(text, encoding="utf-8")

    write()
    yield write
    sys.modules.pop("mine", None)


def digest(protocol, setting):
    return reference(protocol, setting).graph_sha256


def there_and_back(protocol, path, setting=None):
    write_protocol(protocol, path, setting)
    return read_protocol(path)


@pytest.mark.parametrize("setting", [OPEN, CHOICE], ids=["open", "choice"])
@pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
def test_every_named_protocol_comes_back(protocol, name, setting, tmp_path):
    about, path = protocol(name, SEATS[0]), tmp_path / "a.yaml"
    by_name = there_and_back(about, path)
    assert by_name == about
    assert path.read_text().startswith(f"protocol: {name}")
    in_parts = there_and_back(about, path, setting)
    assert isinstance(in_parts, Composed)
    assert digest(in_parts, setting) == digest(by_name, setting) == digest(about, setting)


texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
some_seats = st.lists(texts, min_size=1, max_size=3, unique=True).map(tuple)
topologies = st.sampled_from(["complete", "ring", Topology(name="star", hub="yes")])
stages = st.one_of(
    st.builds(Stand, seats=st.none() | some_seats, hearing=topologies),
    st.builds(Speak, seats=st.none() | some_seats, name=st.just("speak") | texts),
    st.builds(Judge, which=st.sampled_from(["first", "latest"])),
    st.builds(Contest, sure=st.floats(0, 1)),
    st.builds(
        Decide,
        rule=st.builds(
            Rule, name=st.sampled_from(["plurality", "schulze"]), quorum=st.floats(0, 1)
        ),
    ),
    st.builds(JudgeDecides, judge=texts),
    st.just(Rank()),
)
conditions = st.one_of(st.builds(Settled, or_still=st.booleans()), st.just(Accepted()))


def nested(inner):
    bodies = st.lists(inner, min_size=1, max_size=3).map(tuple)
    groups = st.builds(Group, some_seats, bodies)
    return st.one_of(
        st.builds(Repeat, bodies, st.integers(1, 2), st.none() | conditions),
        st.builds(Gate, conditions, bodies, bodies | st.just(())),
        groups,
        st.lists(groups, min_size=1, max_size=2).map(tuple).map(Parallel),
        st.builds(FanIn, stages, st.integers(1, 3) | st.sampled_from(["any", "all"])),
    )


parts = st.lists(st.recursive(stages, nested, max_leaves=8), min_size=1, max_size=4).map(tuple)


@settings(deadline=None, max_examples=30)
@given(texts, texts, parts, st.none() | parts)
def test_whatever_is_composed_comes_back(tmp_path_factory, name, version, choice, opened):
    about = Composed(name=name, version=version, parts=choice, open_parts=opened)
    path = tmp_path_factory.mktemp("a") / "a.yaml"
    back = there_and_back(about, path)
    for setting in (OPEN, CHOICE):
        assert reference(back, setting) == reference(about, setting)
        assert reference(rebuilt(reference(about, setting)), setting) == reference(about, setting)


def test_a_composed_protocol_is_a_deliberation():
    about = Composed(name="mine", parts=(Stand(), *END), open_parts=(Speak(), Rank(), *END))
    assert isinstance(about, Deliberation)
    assert about.parts(CHOICE) == (Stand(), *END)
    assert about.parts(OPEN) == (Speak(), Rank(), *END)
    assert Composed(name="mine", parts=END).parts(OPEN) == END
    assert about.params() == {
        "parts": ["stand", "contest", "decide", "conclude"],
        "open_parts": ["speak", "rank", "contest", "decide", "conclude"],
    }


def test_what_is_no_part_is_refused():
    with pytest.raises(ValueError, match="7 is no stage"):
        Composed(name="mine", parts=(Stand(), 7))
    with pytest.raises(ValueError, match="'settled' is no condition"):
        Composed(name="mine", parts=(Gate("settled", (Stand(),)),))


def test_functions_are_named_and_a_record_pins_their_source(mine, tmp_path):
    import mine as module

    about = Composed(name="mine", parts=(Stand(), Gate(module.differ, (Speak(),)), *END))
    path = tmp_path / "a.yaml"
    back = there_and_back(about, path)
    assert "when: mine:differ" in path.read_text()
    assert reference(back, CHOICE) == reference(about, CHOICE)
    begun = reference(about, CHOICE)
    assert reference(rebuilt(begun), CHOICE) == begun
    mine(MINE.replace("> 1", "> 2"))
    with pytest.raises(InputError, match="source of mine:differ is not what it was") as fault:
        rebuilt(begun)
    assert "bring back the version" in fault.value.hint
    assert digest(read_protocol(path), CHOICE) != begun.graph_sha256, "a file takes it as it is"


def test_a_function_inside_another_cannot_be_written(tmp_path):
    def local(seen):
        return bool(seen.turns)

    about = Composed(name="mine", parts=(Stand(), Gate(local, (Speak(),)), *END))
    with pytest.raises(InputError, match="inside a function or a script"):
        write_protocol(about, tmp_path / "a.yaml")
    assert not (tmp_path / "a.yaml").exists()
    with pytest.raises(InputError, match="inside a function"):
        rebuilt(reference(about, CHOICE))


class Own:
    name, version = "own", "1"

    def params(self):
        return {}

    def parts(self, setting):
        return (Stand(), *END) if setting.options else (Speak(), Rank(), *END)

    def faults(self, seats):
        return ()


def test_a_protocol_of_a_users_class_is_written_for_a_setting(tmp_path):
    path = tmp_path / "a.yaml"
    with pytest.raises(InputError, match="may depend on the panel"):
        write_protocol(Own(), path)
    back = there_and_back(Own(), path, CHOICE)
    for setting in (OPEN, CHOICE):
        assert digest(back, setting) == digest(Own(), setting)


OURS = """
from folkmoot.protocols import Conclude, Contest, Decide, Library, Speak, Stand


class Hasty(Library):
    name: str = "hasty"
    version: str = "1"
    reasons: bool = True

    def parts(self, setting):
        said = (Speak(),) if self.reasons else ()
        return (Stand(), *said, Contest(), Decide(), Conclude())


def hasty(reasons=True):
    return Hasty(reasons=reasons)
"""


async def test_a_class_of_ones_own_goes_by_its_module(panel, leaning, seats, mine, tmp_path):
    mine(OURS)
    about = protocol_of("mine:Hasty", {"reasons": False}).protocol
    assert protocol_of("mine:hasty", {"reasons": False}).protocol == about
    path = tmp_path / "a.yaml"
    assert there_and_back(about, path) == about
    assert path.read_text() == "protocol: mine:Hasty\nwith: {reasons: false}\n"

    def dies(call):
        raise OSError("the script broke")

    given = {"options": ("yes", "no"), "record_dir": tmp_path}
    for name in ("first", "second"):
        with pytest.raises(OSError, match="the script broke"):
            await deliberate(
                "Share?", panel("ann", "bo"), about, Pool.scripted(dies), run_id=name, **given
            )
    again = await resume(tmp_path / "first", leaning(ann=0.9, bo=0.1))
    assert again.transcript.opening.protocol.kind == "mine:Hasty"
    assert again.decision is not None
    mine(OURS.replace("(Stand(), ", "(Stand(), Speak(), "))
    with pytest.raises(RecordError, match="would run 'hasty'") as fault:
        await resume(tmp_path / "second", leaning(ann=0.9, bo=0.1))
    assert "the version of mine:Hasty" in fault.value.hint


@pytest.mark.parametrize(
    ("name", "params", "said"),
    [
        ("mine:Tardy", {}, "mine:Tardy cannot be imported: AttributeError"),
        ("nobodys:Hasty", {}, "nobodys:Hasty cannot be imported: ModuleNotFoundError"),
        ("mine:Stand", {}, "'mine:Stand' is no protocol"),
        ("mine:Hasty", {"reason": 1}, "protocol 'mine:Hasty': Extra inputs"),
    ],
)
def test_what_cannot_be_a_protocol_is_said(mine, name, params, said):
    mine(OURS)
    with pytest.raises(InputError, match=said):
        protocol_of(name, params)


WRONG = {
    "an unknown kind": (
        "name: a\nparts:\n  - stand\n  - {repeat: {at_most: 1, parts: [speek]}}\n",
        ":4: parts[1].repeat.parts[0]: no stage or other part is named 'speek'",
        "did you mean 'speak'",
    ),
    "an unknown field of a stage": (
        "name: a\nparts:\n  - stand\n  - contest: {shure: 0.7}\n",
        ":4: parts[1].contest.shure: is no field here",
        "did you mean 'sure'",
    ),
    "an unknown field of the file": (
        "name: a\npart:\n  - stand\n",
        ":2: part: is no field here",
        "did you mean 'parts'",
    ),
    "an unknown condition": (
        "name: a\nparts:\n  - repeat: {at_most: 1, until: setled, parts: [stand]}\n",
        ":3: parts[0].repeat.until: no condition is named 'setled'",
        "'settled'",
    ),
    "an unknown rule": (
        "name: a\nparts:\n  - decide: {rule: lottery}\n",
        ":3: parts[0].decide.rule: no decision rule is named 'lottery'",
        "plurality",
    ),
    "a value out of bounds": (
        "name: a\nparts:\n  - decide:\n      rule: {name: plurality, quorum: 3}\n",
        ":4: parts[0].decide.rule.quorum: Input should be less than or equal to 1",
        "",
    ),
    "a loop without a bound": (
        "name: a\nparts:\n  - repeat: {parts: [stand]}\n",
        ":3: parts[0].repeat.at_most: is missing",
        "",
    ),
    "a bound that is no number": (
        "name: a\nparts:\n  - repeat: {at_most: often, parts: [stand]}\n",
        ":3: parts[0].repeat.at_most: expected a whole number, not 'often'",
        "",
    ),
    "two kinds in one": (
        "name: a\nparts:\n  - {stand: {}, speak: {}}\n",
        ":3: parts[0]: expected a name, or one name and its fields",
        "",
    ),
    "a module that is not there": (
        "name: a\nparts:\n  - nowhere.at_all:stage\n",
        ":3: parts[0]: nowhere.at_all:stage cannot be imported: ModuleNotFoundError",
        "PYTHONPATH",
    ),
    "something that is no stage": (
        "name: a\nparts:\n  - math:pi\n",
        ":3: parts[0]: 3.14159",
        "",
    ),
    "a group of a number": (
        "name: a\nparts:\n  - group: {seats: [1], parts: [stand]}\n",
        ":3: parts[0].group.seats: expected a list of seats",
        "",
    ),
    "both forms": (
        "protocol: debate\nparts: [stand]\n",
        ":2: parts: does not go with `protocol`",
        "",
    ),
    "an unknown protocol": (
        "protocol: debaet\n",
        ":1: protocol: no protocol is named 'debaet'",
        "'debate'",
    ),
    "a wrong parameter": (
        "protocol: debate\nwith:\n  rounds: -1\n",
        ":3: with.rounds: protocol 'debate': rounds",
        "",
    ),
    "no mapping": ("- stand\n", ":1: expected fields", ""),
}


@pytest.mark.parametrize(("text", "said", "hint"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_a_file_is_said_by_line(tmp_path, text, said, hint):
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as fault:
        read_protocol(path)
    assert f"a.yaml{said}" in fault.value.message
    assert hint in fault.value.hint
    assert "\n" not in fault.value.message


def test_nothing_is_imported_that_is_not_named_by_module(tmp_path, monkeypatch):
    (tmp_path / "stand.py").write_text("raise SystemExit('executed')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "a.yaml"
    path.write_text("name: !!python/name:os.system a\nparts: [stand]\n", encoding="utf-8")
    with pytest.raises(InputError):
        read_protocol(path)
    path.write_text("name: a\nparts: [stand]\n", encoding="utf-8")
    assert read_protocol(path).parts(CHOICE) == (Stand(),)


def test_parameters_go_before_those_of_a_file(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("protocol: debate\nwith: {rounds: 3, topology: ring}\n", encoding="utf-8")
    assert protocol_of(str(path), {"rounds": 2}).protocol == Debate(rounds=2, topology="ring")
    assert protocol_of("debate", {"rounds": 2}).protocol == Debate(rounds=2)
    path.write_text("name: a\nparts: [stand]\n", encoding="utf-8")
    with pytest.raises(InputError, match="has no parameter 'rounds'"):
        protocol_of(str(path), {"rounds": 2})


async def test_a_run_of_a_composed_protocol_is_taken_up_from_its_record(
    panel, leaning, seats, mine, tmp_path
):
    import mine as module

    about = Composed(
        name="mine", version="7", parts=(Stand(), Gate(module.differ, (Speak(),)), *END)
    )

    def dies(call):
        if call.purpose == "reason":
            raise OSError("the script broke")
        return seats(ann=0.9, bo=0.1)(call)

    given = {"options": ("yes", "no"), "record_dir": tmp_path}
    for number in ("first", "second"):
        pool = Pool.scripted(dies)
        with pytest.raises(OSError, match="the script broke"):
            await deliberate("Share?", panel("ann", "bo"), about, pool, run_id=number, **given)
    again = await resume(tmp_path / "first", leaning(ann=0.9, bo=0.1))
    opening = again.transcript.opening
    assert (opening.protocol.name, opening.protocol.version) == ("mine", "7")
    assert [turn.round for turn in again.transcript.turns] == [0, 0]
    assert again.decision is not None
    mine(MINE.replace("> 1", "> 5"))
    with pytest.raises(InputError, match="is not what it was"):
        await resume(tmp_path / "second", Pool.scripted(lambda call: "nobody is asked"))
