"""What is installed beside Folkmoot is there by name; what is broken is in nobody's way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DISTRIBUTION = {
    "pyproject.toml": """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "parley"
version = "1.2"
[tool.setuptools]
py-modules = ["parley"]
[project.entry-points."folkmoot.protocols"]
parley = "parley:Parley"
wreck = "parley_wreck:Wreck"
alias = "parley:Parley"
[project.entry-points."folkmoot.stages"]
proverb = "parley:proverb"
[project.entry-points."folkmoot.conditions"]
differ = "parley:differ"
[project.entry-points."folkmoot.topologies"]
twins = "parley:TWINS"
""",
    "parley.py": '''
from folkmoot.agents import voice
from folkmoot.protocols import Calls, Topology
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.turns import turn
from folkmoot.records.base import Frozen

TWINS = Topology(name="custom", edges=(("seat-1", "seat-2"), ("seat-2", "seat-1")))

def differ(seen):
    """Whether anybody differs."""
    return len({stance.choice for stance in seen.stands()}) > 1

def proverb(seen):
    """Everybody names a proverb."""
    calls = Calls(seen)
    for party in seen.opening.parties:
        calls.generate(party, "proverb", (voice.task("Name a proverb."),))
    replies = yield calls.done()
    return tuple(turn(seen, reply, at, "statement") for at, reply in enumerate(replies))

class Parley(Frozen):
    """A truce. More."""
    name: str = "parley"
    version: str = "1"
    deep: bool = False
    def params(self):
        return {"deep": self.deep}
    def parts(self, setting):
        return (Stand(), proverb, Contest(), Decide(), Conclude())
    def faults(self, seats):
        return ()
''',
    "parley_wreck.py": "raise RuntimeError('ran aground\\nand more')",
}

FILE = """
name: with-plugins
parts:
  - stand
  - gate: {when: differ, then: [proverb]}
  - {repeat: {at_most: 1, parts: [{stand: {hearing: {topology: twins}}}, speak]}}
  - contest
  - decide
  - conclude
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder in which a distribution is installed, with its entry points."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    for name, text in DISTRIBUTION.items():
        (source / name).write_text(text, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    made = subprocess.run(
        [*pip, "--no-build-isolation", "--target", str(target), str(source)],
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    (target / "parley_wreck.py").write_text(DISTRIBUTION["parley_wreck.py"], encoding="utf-8")
    (target / "with.yaml").write_text(FILE, encoding="utf-8")
    return target


def folkmoot(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "folkmoot", *arguments],
        cwd=site,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )


CHOICE = ("--option", "yes", "--option", "no")


def test_a_protocol_that_is_installed_is_there_by_name(site):
    done = folkmoot(site, "graph", "check", "parley", "--param", "deep=true", *CHOICE)
    assert (done.returncode, done.stdout) == (0, "parley: nothing found, 3 seats, 2 options\n")
    unknown = folkmoot(site, "graph", "check", "parlez")
    assert unknown.returncode == 2
    assert "did you mean 'parley'?" in unknown.stderr
    wrong = folkmoot(site, "graph", "check", "parley", "--param", "depe=true")
    assert wrong.returncode == 2
    assert "protocol 'parley'" in wrong.stderr


def test_stages_conditions_and_topologies_are_there_in_files(site):
    done = folkmoot(site, "graph", "show", "with.yaml", *CHOICE)
    assert done.returncode == 0, done.stderr
    assert "gate differ?" in done.stdout
    assert "proverb" in done.stdout
    assert "  seat-1 hears seat-2\n    seat-2 hears seat-1\n    seat-3 hears nobody" in done.stdout


def test_a_broken_plugin_is_one_line_and_in_nobodys_way(site):
    broken = folkmoot(site, "graph", "check", "wreck")
    assert broken.returncode == 2
    assert broken.stderr.splitlines() == [
        "error: the protocol 'wreck' cannot be loaded from parley_wreck:Wreck (parley 1.2): "
        "RuntimeError: ran aground",
        "       repair or uninstall it",
    ]
    assert folkmoot(site, "graph", "check", "parley", *CHOICE).returncode == 0


def test_a_protocol_under_another_name_than_its_own_is_refused(site):
    done = folkmoot(site, "graph", "check", "alias")
    assert done.returncode == 2
    assert "builds a protocol named 'parley'" in done.stderr


def test_they_are_listed(site):
    done = folkmoot(site, "protocols")
    assert done.returncode == 0
    assert "parley" in done.stdout
    assert "debate" in done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    assert "'wreck' cannot be loaded" in done.stderr
