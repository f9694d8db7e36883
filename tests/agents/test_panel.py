"""A panel is whole before anything runs: faults are named with what is wrong and where."""

from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel, Perspective, Vocabulary
from folkmoot.records import PanelError, Sampling

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


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("Ann", "ann"), "'ann' reads like 'Ann'"),
        (("ann", "\uff41nn"), "reads like 'ann'"),
        (("cafe\u0301", "caf\u00e9"), "reads like"),
        (("ann", "bo", "ann and bo"), "'ann and bo' reads like a list of other seats"),
    ],
)
def test_names_that_a_reader_cannot_tell_apart_are_refused(names, said):
    with pytest.raises(PanelError, match=said):
        Panel([Agent(name, model="m") for name in names])


def test_a_value_that_the_vocabulary_does_not_have_is_refused():
    agent = Agent("nurse", model="m", perspective=Perspective(values={"thrift": 1.0}))
    with pytest.raises(
        PanelError, match=r"\['thrift'\] of 'nurse' are not in .*'schwartz20'"
    ) as fault:
        Panel([agent])
    assert "benevolence-caring" in fault.value.hint
    own = Vocabulary(id="own", version="1", labels={"thrift": "thrift"})
    (party,) = Panel([agent], own).parties()
    assert party.values == {"thrift": 1.0}
    assert party.vocabulary == own.ref(["thrift"])
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
        (
            "{thrift: 1.0}",
            "{security-societal: 1.0}",
            ":6: agents[0].perspective.values: values ['thrift'] of 'nurse' are not in",
        ),
        ("name: nurse", "name: patient", ":7: agents[1].name: seat names must differ"),
        (
            "patient\n    sampling: {seed: 1}",
            "patient",
            ":8: agents[1].sampling.seed: agent 'patient' fixes",
        ),
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


def test_all_faults_of_a_panel_file_are_told_at_once(tmp_path: Path):
    file = tmp_path / "panel.yaml"
    file.write_text(FILE.replace("security-societal", "thrift").replace("patient", "nurse"))
    with pytest.raises(PanelError) as fault:
        Panel.from_yaml(file)
    first, second = fault.value.message.splitlines()
    assert "panel.yaml:6: agents[0].perspective.values: " in first
    assert "panel.yaml:7: agents[1].name: " in second
    assert "its values are" in fault.value.hint
    assert "rename" in fault.value.hint


def test_a_fault_of_a_model_is_told_with_the_line_that_names_it(tmp_path: Path):
    file = tmp_path / "panel.yaml"
    file.write_text(FILE.replace("patient\n    model: smollm2", "patient\n    model: smolm2"))
    for panel in (Panel.from_yaml(file), Panel.from_yaml(file).with_max_tokens(9)):
        told = panel.located("smolm2", "unknown model 'smolm2'")
        assert told == f"{file}:8: agents[1].model: unknown model 'smolm2'"
        assert panel.located("elsewhere", "unknown") == "unknown"
    assert Panel([Agent("nurse", model="m")]).located("m", "unknown") == "unknown"


def test_another_limit_of_tokens_is_all_that_changes():
    own = Vocabulary(id="own", version="1", labels={"thrift": "thrift"})
    agent = Agent(
        "nurse",
        model="m",
        perspective=Perspective(values={"thrift": 1.0}),
        sampling=Sampling(temperature=0.2),
    )
    (party,) = Panel([agent], own).with_max_tokens(9).parties()
    limited = agent.model_copy(update={"sampling": Sampling(temperature=0.2, max_tokens=9)})
    assert party == limited.party(own)


SHADOWS = """\
shadows:
  - name: newcomer
    model: theirs
    perspective: {statement: I am new., values: {face: 0.5}}
"""


def test_those_on_probation_have_no_seat(tmp_path: Path):
    (tmp_path / "panel.yaml").write_text(FILE + SHADOWS)
    panel = Panel.from_yaml(tmp_path / "panel.yaml")
    assert [agent.name for agent in panel.shadows] == ["newcomer"]
    (tmp_path / "without.yaml").write_text(FILE)
    without = Panel.from_yaml(tmp_path / "without.yaml")
    assert panel.agents == without.agents
    assert panel.parties() == without.parties()
    assert (len(panel), panel.models, repr(panel)) == (2, without.models, repr(without))
    (limited,) = panel.with_max_tokens(7).shadows
    assert limited.sampling.max_tokens == 7


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("- {name: nurse, model: m}", "panel.yaml:10: shadows[0].name: seat names must differ"),
        ("- {name: mayor, model: human}", "shadows[0].model: 'mayor' is a person"),
        ("- {name: x, model: m, sampling: {seed: 1}}", "shadows[0].sampling.seed"),
        ("- {name: x, model: m, perspective: {values: {thrift: 1}}}", "['thrift'] of 'x'"),
        ("- {name: x}", "shadows[0].model: is missing"),
    ],
)
def test_what_is_wrong_with_one_on_probation_is_said_where_it_is(tmp_path: Path, line, said):
    file = tmp_path / "panel.yaml"
    file.write_text(f"{FILE}shadows:\n  {line}\n")
    with pytest.raises(PanelError) as fault:
        Panel.from_yaml(file)
    assert said in str(fault.value)
