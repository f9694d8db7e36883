"""A stage, a rule, a filter, a stopping rule and a topology of another distribution, each by its name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from folkmoot.graphs import deliberate_sync, resume_sync
from folkmoot.graphs.files import protocol_of, read_protocol, rebuilt, write_protocol
from folkmoot.graphs.rehearsal import dry_opening
from folkmoot.graphs.soundness import unsound
from folkmoot.protocols import BlindVote, Debate, Rule, Setting, reference
from folkmoot.records import InputError, load, verify

MODULE = '''
from folkmoot.agents import voice
from folkmoot.protocols import Calls, Topology
from folkmoot.protocols.turns import turn

PAIRS = Topology(name="custom", edges=(("ann", "bo"), ("bo", "ann"), ("cy", "ann")))

def apple(seen):
    """Everybody names an apple."""
    calls = Calls(seen)
    for party in seen.opening.parties:
        calls.generate(party, "apple", (voice.task("Name an apple."),))
    replies = yield calls.done()
    return tuple(turn(seen, reply, at, "statement") for at, reply in enumerate(replies))

def loudest(ballots, options):
    """Whoever is surest decides."""
    surest = max(ballots, key=lambda ballot: max((ballot.scores or {"": 0.0}).values()))
    return surest.choice

def short(seen, reader, messages):
    """The shortest two messages."""
    return sorted(messages, key=lambda turn: len(turn.text))[:2]

def tired(seen):
    """Whether more than six messages were said."""
    return len(seen.turns) > 6

def heretics(seen):
    """Everyone reads the last seat."""
    return {seat: seen.opening.seats[-1:] for seat in seen.opening.seats}
'''
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 0.3\n"
ENTRIES = """
[folkmoot.stages]
apple = orchard:apple
[folkmoot.rules]
loudest = orchard:loudest
plurality = orchard:loudest
fallen = orchard_fallen:rule
[folkmoot.filters]
short = orchard:short
[folkmoot.conditions]
tired = orchard:tired
[folkmoot.topologies]
pairs = orchard:PAIRS
heretics = orchard:heretics
"""
FILE = """\
name: harvest
parts:
  - stand
  - apple
  - repeat:
      at_most: 3
      until: tired
      parts:
        - stand: {hearing: {topology: pairs, filter: short}}
        - speak: {hearing: {topology: heretics, filter: {successive: {filters: [short, {truncate: {characters: 9}}]}}}}
  - contest
  - decide: {rule: loudest}
  - conclude
"""
YES_NO = ("yes", "no")
SETTING = Setting(("ann", "bo", "cy"), YES_NO)


def install(site: Path, name: str, entries: str) -> None:
    folder = site / f"{name}-0.3.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(METADATA.format(name=name), encoding="utf-8")
    (folder / "entry_points.txt").write_text(entries, encoding="utf-8")


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """A folder on the path in which a distribution is installed."""
    (tmp_path / "orchard.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "harvest.yaml").write_text(FILE, encoding="utf-8")
    install(tmp_path, "orchard", ENTRIES)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path
    sys.modules.pop("orchard", None)


@pytest.fixture
def run(site, panel, leaning):
    def runs(protocol):
        pool = leaning(ann=0.99, bo=[0.2, 0.4], cy=0.3)
        return deliberate_sync(
            "Share?", panel(*SETTING.seats), protocol, pool, options=YES_NO, record_dir=site
        )

    return runs


def test_a_file_names_them_and_they_take_part(site, run):
    about = read_protocol(site / "harvest.yaml")
    assert unsound(about, dry_opening(SETTING.seats, YES_NO)) == ()
    outcome = run(about)
    seen = outcome.transcript
    assert (outcome.decision.rule, outcome.decision.winner) == ("loudest", "yes")
    assert {turn.stage for turn in seen.turns} == {"apple", "speak"}
    assert {each.filter for each in seen.filterings} == {"short", "successive"}
    assert any(check.rule == "tired" and check.holds for check in seen.checks)
    assert verify(outcome.record).findings == ()


def test_they_come_back_from_a_file_and_from_a_record_as_the_same_graph(site, run, leaning):
    about = read_protocol(site / "harvest.yaml")
    write_protocol(about, site / "again.yaml")
    back = read_protocol(site / "again.yaml")
    assert reference(back, SETTING) == reference(about, SETTING)
    text = (site / "again.yaml").read_text(encoding="utf-8")
    assert "rule: {name: loudest, function: orchard:loudest}" in text
    begun = run(about).transcript.opening.protocol
    assert reference(rebuilt(begun), SETTING) == begun


@pytest.mark.parametrize("rule", ["loudest", "orchard:loudest"])
def test_parameters_of_the_librarys_protocols_take_them(site, run, leaning, rule):
    given = {"rule": rule, "topology": "heretics", "rounds": 1}
    about = protocol_of("debate", given).protocol
    import orchard

    assert about == Debate(rule=orchard.loudest, topology=orchard.heretics)
    outcome = run(about)
    assert outcome.decision.rule == "loudest"
    again = resume_sync(outcome.record, leaning(ann=0.99, bo=0.2, cy=0.3))
    assert again.answer == outcome.answer
    write_protocol(about, site / "named.yaml")
    assert "protocol: debate" in (site / "named.yaml").read_text()
    assert read_protocol(site / "named.yaml") == about


def test_a_list_of_topologies_may_name_some(site):
    about = protocol_of("debate", {"topology": ["ring", "pairs"]}).protocol
    assert [each.name for each in about.topology.rounds] == ["ring", "custom"]


def test_names_of_the_library_go_first(site):
    assert protocol_of("blind-vote", {"rule": "plurality"}).protocol == BlindVote(rule="plurality")
    (site / "own.yaml").write_text(FILE.replace("rule: loudest", "rule: plurality"))
    (decide,) = [
        each for each in read_protocol(site / "own.yaml").for_choice if hasattr(each, "rule")
    ]
    assert decide.rule == Rule(name="plurality")


def test_a_broken_one_is_one_line(site):
    said = r"the rule 'fallen' cannot be loaded from orchard_fallen:rule \(orchard 0.3\)"
    with pytest.raises(InputError, match=f"protocol 'blind-vote': rule: {said}"):
        protocol_of("blind-vote", {"rule": "fallen"})
    (site / "bad.yaml").write_text(FILE.replace("loudest", "fallen"), encoding="utf-8")
    with pytest.raises(InputError, match=rf"bad.yaml:12: parts\[4\].decide.rule: {said}"):
        read_protocol(site / "bad.yaml")


def test_one_that_is_brought_twice_is_refused(site):
    install(site, "garden", "[folkmoot.rules]\nloudest = garden:loudest\n")
    with pytest.raises(InputError, match=r"'loudest' is brought twice: .*garden 0\.3"):
        protocol_of("blind-vote", {"rule": "loudest"})


def digest(path: Path) -> str:
    return reference(read_protocol(path), SETTING).graph_sha256


def test_a_rule_of_a_users_own_is_a_function_in_a_file(site, run):
    path = site / "mine.yaml"
    path.write_text(
        "name: mine\nparts: [stand, speak, contest, {decide: {rule: 'orchard:loudest'}}, conclude]\n"
    )
    about = read_protocol(path)
    outcome = run(about)
    assert (outcome.decision.rule, outcome.decision.winner) == ("loudest", "yes")
    write_protocol(about, site / "back.yaml")
    assert digest(site / "back.yaml") == digest(path)
    begun = load(outcome.record).transcript.opening.protocol
    assert begun.graph_sha256 == digest(path)
    sys.modules.pop("orchard")
    (site / "orchard.py").write_text(MODULE.replace("max(ballots", "min(ballots"))
    with pytest.raises(InputError, match="source of orchard:loudest is not what it was"):
        rebuilt(begun)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("orchard:quietest", "orchard:quietest cannot be imported: AttributeError"),
        ("nowhere:rule", "nowhere:rule cannot be imported: ModuleNotFoundError"),
        ("orchard:PAIRS", "no decision rule is named Topology"),
        ("__main__:rule", "inside a function or a script"),
    ],
)
def test_what_is_no_rule_is_said_by_line(site, rule, said):
    (site / "bad.yaml").write_text(FILE.replace("rule: loudest", f"rule: '{rule}'"))
    with pytest.raises(InputError) as fault:
        read_protocol(site / "bad.yaml")
    assert "bad.yaml:12: parts[4].decide.rule: " in fault.value.message
    assert said in fault.value.message


def folkmoot(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "folkmoot", *arguments],
        cwd=site,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )


def test_the_check_takes_them_by_name(site):
    (site / "panel.yaml").write_text(
        "agents:\n" + "".join(f"  - {{name: {seat}, model: m}}\n" for seat in SETTING.seats)
    )
    asked = ("--panel", "panel.yaml", "--option", "yes", "--option", "no")
    done = folkmoot(site, "graph", "check", "harvest.yaml", *asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "note: 3 of 3 seats are the same agent (ann, bo, cy): 'loudest' counts each of them, and "
        "together they are a majority",
        "harvest: nothing found, 3 seats, 2 options",
    ]
    own = folkmoot(site, "graph", "check", "debate", "--param", "rule=loudest", *asked)
    assert own.returncode == 0, own.stderr
    broken = folkmoot(site, "graph", "check", "debate", "--param", "rule=fallen", *asked)
    assert broken.returncode == 2
    assert "the rule 'fallen' cannot be loaded" in broken.stderr
