"""A panel is whole before anything runs: faults are named with what is wrong and where."""

from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel, Perspective, Vocabulary
from folkmoot.records import PanelError

FILE = """\
agents:
  - name: nurse
    model: smollm2
    perspective:
      statement: I see it every night.
      values: {security-societal: 1.0}
  - name: patient
    model: smollm2
"""


def test_an_empty_panel_is_refused():
    with pytest.raises(PanelError, match="the panel is empty"):
        Panel([])


def test_two_seats_of_one_name_are_refused():
    with pytest.raises(PanelError, match="'nurse' is used 2 times"):
        Panel([Agent(name, model="m") for name in ("nurse", "clerk", "nurse")])


def test_a_value_that_the_vocabulary_does_not_have_is_refused():
    agent = Agent("nurse", model="m", perspective=Perspective(values={"thrift": 1.0}))
    with pytest.raises(PanelError, match=r"values \['thrift'\] are not in .*'schwartz20'") as fault:
        Panel([agent])
    assert "benevolence-caring" in fault.value.hint
    own = Vocabulary(id="own", version="1", labels={"thrift": "thrift"})
    assert Panel([agent], own).parties()[0].values == {"thrift": 1.0}
    assert len(Panel([agent], None)) == 1, "without a vocabulary any name will do"


def test_a_fixed_seed_is_refused():
    agent = Agent("nurse", model="m", sampling={"seed": 7})
    with pytest.raises(PanelError, match=r"'nurse' fixes sampling\.seed"):
        Panel([agent])


def test_the_order_is_the_panels_own_and_each_model_is_named_once():
    panel = Panel([Agent(name, model=model) for name, model in ("zx", "ay", "bx")])
    assert [agent.name for agent in panel] == ["z", "a", "b"]
    assert panel.models == ("x", "y")
    assert repr(panel) == "Panel(z, a, b)"


def test_a_panel_file_is_read(tmp_path: Path):
    file = tmp_path / "panel.yaml"
    file.write_text(FILE)
    nurse, patient = Panel.from_yaml(file)
    assert nurse.perspective.values == {"security-societal": 1.0}
    assert (patient.name, patient.perspective) == ("patient", Perspective())


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("model: 3", "model: smollm2", ":3: agents[0].model: "),
        ("values: 3", "values: {security-societal: 1.0}", ":6: agents[0].perspective.values: "),
        ("{security-societal: 2}", "{security-societal: 1.0}", ":6: agents[0].perspective.values"),
        ("naem: patient", "name: patient", ":7: agents[1].naem: is no field here"),
        ("{thrift: 1.0}", "{security-societal: 1.0}", ":1: agents: values ['thrift'] are not in"),
        ("name: nurse", "name: patient", ":1: agents: seat names must differ"),
    ],
)
def test_a_fault_in_a_panel_file_has_its_line_and_field(tmp_path: Path, wrong, right, said):
    file = tmp_path / "panel.yaml"
    file.write_text(FILE.replace(right, wrong))
    with pytest.raises(PanelError) as fault:
        Panel.from_yaml(file)
    assert f"panel.yaml{said}" in fault.value.message


def test_a_panel_file_may_bring_its_own_vocabulary(tmp_path: Path):
    file = tmp_path / "panel.yaml"
    words = "vocabulary: {id: own, version: '1', labels: {security-societal: peace}}\n"
    file.write_text(FILE + words)
    assert Panel.from_yaml(file).vocabulary == Vocabulary(
        id="own", version="1", labels={"security-societal": "peace"}
    )
