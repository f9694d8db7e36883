"""YAML whose faults name file, line and field."""

from typing import Annotated, Literal

import pytest
from pydantic import Field, model_validator

from folkmoot.records import PanelError, located_yaml
from folkmoot.records.base import Frozen


class Cat(Frozen):
    kind: Literal["cat"]
    lives: int = 9


class Dog(Frozen):
    kind: Literal["dog"]
    tricks: tuple[str, ...]


class House(Frozen):
    pets: tuple[Annotated[Cat | Dog, Field(discriminator="kind")], ...]
    rooms: dict[str, float] = Field(default_factory=dict)
    note: int | str = ""

    @model_validator(mode="after")
    def _some(self):
        if not self.pets:
            raise ValueError("a house has pets")
        return self


def faults(text: str) -> list[str]:
    with pytest.raises(PanelError) as found:
        located_yaml.loads(text, "house.yaml", PanelError).check(House)
    return found.value.message.splitlines()


def test_a_good_file_is_its_value(tmp_path):
    file = tmp_path / "house.yaml"
    file.write_text("pets:\n- {kind: dog, tricks: [yes, no]}\n", encoding="utf-8")
    house = located_yaml.load(file, PanelError).check(House)
    assert house.pets == (Dog(kind="dog", tricks=("yes", "no")),), "YAML 1.2: words, not booleans"


def test_each_fault_has_its_line_and_field():
    text = """\
pets:
  - kind: cat
    lives: many
  - kind: dog
  - kind: dog
    tricks:
      - sit
      - 7
  - kind: cow
  - {}
rooms:
  hall: 3
  attic: big
cellar: 1
note: [1]
"""
    assert faults(text) == [
        "house.yaml:3: pets[0].lives: input should be a valid integer, unable to parse string as "
        "an integer, not 'many'",
        "house.yaml:4: pets[1].tricks: is missing",
        "house.yaml:8: pets[2].tricks[1]: input should be a valid string, not 7",
        "house.yaml:9: pets[3]: is of no known kind; expected 'cat', 'dog'",
        "house.yaml:10: pets[4]: says no kind",
        "house.yaml:13: rooms.attic: input should be a valid number, unable to parse string as a "
        "number, not 'big'",
        "house.yaml:15: note: input should be a valid integer, not [1]",
        "house.yaml:15: note: input should be a valid string, not [1]",
        "house.yaml:14: cellar: is no field here",
    ]


def test_a_rule_of_the_whole_file_has_its_first_line():
    assert faults("\n\npets: []\n") == ["house.yaml:3: a house has pets"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "house.yaml:1: expected fields and their values, found a list"),
        ("", "house.yaml:1: expected fields and their values, found nothing"),
        ("a: 1\na: 2", "house.yaml:2: not YAML: found duplicate key"),
        ("a: [1\nb: 2", "house.yaml:2: not YAML: "),
        ("a: !!python/name:os.system x", "house.yaml:1: not YAML: could not determine"),
        ("pets: &p [*p]", "house.yaml:1: an alias stands within what it stands for"),
        ("a: 1\nb: !!bool maybe", "house.yaml:2: 'maybe' is no bool"),
        ("a: 1\nb: !!int ''", "house.yaml:2: '' is no int"),
        ("a: 1\nb: !!float ''", "house.yaml:2: '' is no float"),
        ("a: 2026-13-45", "house.yaml:1: '2026-13-45' is no timestamp"),
        ("pets:\n- ? [x]\n  : 1", "house.yaml:2: a sequence stands as a key: a key must be text"),
        (
            "pets:\n- 3: 1",
            "house.yaml:2: the key '3' is read as int, not as text: put it in quotes",
        ),
        ('"\\ud800": 1', "house.yaml:1: "),
        ("pets: 0x" + "f" * 5000, "house.yaml:1: pets: input should be a valid tuple, not a num"),
        ("a: \x07", "house.yaml"),
    ],
)
def test_what_is_no_usable_yaml(text, said):
    assert faults(text)[0].startswith(said)


def tower(base: str, storey: str, storeys: int) -> str:
    """YAML in which `pets` is each storey ten times the one below; `{}` stands for those ten."""
    lines = [f"a0: &a0 {base}"]
    for at in range(1, storeys):
        lines.append(f"a{at}: &a{at} " + storey.replace("@", ",".join([f"*a{at - 1}"] * 10)))
    return "\n".join([*lines, f"pets: *a{storeys - 1}"])


@pytest.mark.parametrize(("base", "storey"), [("[x, x]", "[@]"), ("{x: 1}", "{<<: [@]}")])
def test_aliases_of_aliases_are_refused_before_they_are_spelled_out(base, storey):
    text = tower(base, storey, 10)
    assert len(text) < 600
    (said,) = faults(text)
    assert said.endswith("more than 100,000 values, with its aliases spelled out")


def test_aliases_are_good_in_reason():
    text = "pets:\n- &a {kind: cat}\n- *a\n- {<<: *a, lives: 3}\n"
    house = located_yaml.loads(text, "house.yaml").check(House)
    assert house.pets == (Cat(kind="cat"), Cat(kind="cat"), Cat(kind="cat", lives=3))


def test_a_vast_value_and_many_faults_are_shown_in_short():
    said = faults(tower("[x, x]", "[@]", 5))
    assert ", not [[[[...], [...], " in said[0]
    assert max(map(len, said)) < 200
    said = faults("pets:\n" + "- {kind: cat, lives: x}\n" * 25)
    assert len(said) == 21
    assert said[19].startswith("house.yaml:21: pets[19].lives: ")
    assert said[20] == "house.yaml: and 5 more"


def test_a_fault_can_be_written_as_utf_8():
    for said in faults('"\\ud800a": 1\npets: []') + faults("pets: '\\ud800'"):
        assert said.encode()


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(PanelError, match="no such file"):
        located_yaml.load(tmp_path / "none.yaml", PanelError)
    with pytest.raises(PanelError, match="cannot read"):
        located_yaml.load(tmp_path, PanelError)
    (tmp_path / "latin").write_bytes("a: ä".encode("latin-1"))
    with pytest.raises(PanelError, match="not UTF-8 at byte 3"):
        located_yaml.load(tmp_path / "latin", PanelError)


def test_own_faults_have_lines_too():
    file = located_yaml.loads("a:\n  - x: 1\n    y: 2\n", "f.yaml", PanelError)
    fault = file.fault(("a", 0, "y"), "is too small", "make it 3")
    assert isinstance(fault, PanelError)
    assert (fault.message, fault.hint) == ("f.yaml:3: a[0].y: is too small", "make it 3")
    assert file.line(("a", 0, "absent")) == 2
    assert file.said(("a", 0, "x"), "is odd") == "f.yaml:2: a[0].x: is odd"
