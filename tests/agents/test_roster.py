"""A roster: every step is on record, in a chain, and leads only where a step may lead."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from folkmoot.agents.contribution_file import read_contribution
from folkmoot.agents.roster import STEPS, moved, propose, read_roster
from folkmoot.records import ContributionError

AT = "2026-01-01T00:00:00.000+00:00"
STANDINGS = ("proposed", "probation", "seated", "quarantined", "withdrawn")


def offer(folder: Path, name: str = "care", weights: bytes = b"weights") -> Path:
    (folder / "adapter").mkdir(parents=True)
    (folder / "adapter/adapter_model.safetensors").write_bytes(weights)
    (folder / "contribution.yaml").write_text(
        f"format: contribution/1\nname: {name}\ncontributor: someone\nlicence: MIT\n"
        "base: smollm2-base\nadapter: adapter\nperspective:\n  statement: I care.\n"
    )
    return folder


def taken(tmp_path: Path, name: str = "care"):
    given = read_contribution(offer(tmp_path / "mine" / name, name))
    (tmp_path / "roster").mkdir(exist_ok=True)
    return propose(read_roster(tmp_path / "roster"), given, AT, "steward")


def go(roster, to, name="care", **more):
    return moved(roster, name, to, at=AT, by="steward", **more)


def test_from_the_door_to_a_seat(tmp_path):
    roster = go(go(taken(tmp_path), "probation"), "seated", reason="it kept its word")
    again = read_roster(tmp_path / "roster")
    assert again.steps == roster.steps
    (member,) = again.at("seated")
    assert (member.name, member.standing, member.file.contributor) == ("care", "seated", "someone")
    assert [(s.before, s.after) for s in member.steps] == [
        (None, "proposed"),
        ("proposed", "probation"),
        ("probation", "seated"),
    ]
    assert member.steps[-1].reason == "it kept its word"
    assert member.steps[0].digests.adapter is not None
    agent = member.agent()
    assert (agent.name, agent.model, agent.perspective.statement) == ("care", "care", "I care.")


def test_nobody_is_seated_who_was_not_on_probation(tmp_path):
    with pytest.raises(ContributionError, match="cannot become seated"):
        go(taken(tmp_path), "seated")
    quarantined = go(go(read_roster(tmp_path / "roster"), "probation"), "quarantined")
    with pytest.raises(ContributionError, match="cannot become seated"):
        go(quarantined, "seated")
    assert read_roster(tmp_path / "roster").standing("care") == "quarantined"


def test_files_that_were_swapped_after_they_were_proposed(tmp_path):
    roster = go(taken(tmp_path), "probation")
    inside = tmp_path / "roster/contributions/care/adapter/adapter_model.safetensors"
    inside.write_bytes(b"others")
    with pytest.raises(ContributionError, match="not those that were proposed"):
        go(read_roster(tmp_path / "roster"), "seated")
    assert go(read_roster(tmp_path / "roster"), "quarantined").standing("care") == "quarantined"
    assert roster.standing("care") == "probation"


def test_a_name_stands_once(tmp_path):
    roster = taken(tmp_path)
    other = read_contribution(offer(tmp_path / "other"))
    with pytest.raises(ContributionError, match="already"):
        propose(roster, other, AT, "steward")
    gone = go(roster, "withdrawn")
    assert propose(gone, other, AT, "steward").standing("care") == "proposed"
    with pytest.raises(ContributionError, match="no 'nobody'"):
        go(roster, "seated", "nobody")


@pytest.mark.parametrize("name", ["..", "a/b", "../../x", "."])
def test_a_name_that_leads_elsewhere(tmp_path, name):
    given = read_contribution(offer(tmp_path / "mine", name))
    with pytest.raises(ContributionError, match="folder's name"):
        propose(read_roster(tmp_path / "roster"), given, AT, "steward")


@pytest.mark.parametrize("how", ["edited", "removed", "swapped", "not JSON"])
def test_a_step_that_was_changed_is_found(tmp_path, how):
    go(go(taken(tmp_path), "probation"), "seated")
    file = tmp_path / "roster" / STEPS
    lines = file.read_bytes().splitlines(keepends=True)
    match how:
        case "edited":
            lines[1] = lines[1].replace(b"steward", b"another")
        case "removed":
            del lines[1]
        case "swapped":
            lines[1], lines[2] = lines[2], lines[1]
        case _:
            lines[1] = b"{\n"
    file.write_bytes(b"".join(lines))
    with pytest.raises(ContributionError, match=r"steps\.jsonl, line 2"):
        read_roster(tmp_path / "roster")


def test_what_is_no_roster(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ContributionError, match="no folder"):
        read_roster(tmp_path / "file")
    assert read_roster(tmp_path / "nothing").steps == ()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(STANDINGS[1:]), max_size=8))
def test_any_walk_is_read_as_it_was_written(tmp_path_factory, walk):
    folder = tmp_path_factory.mktemp("walk")
    roster = taken(folder)
    stood = ["proposed"]
    for to in walk:
        try:
            roster = go(roster, to)
            stood.append(to)
        except ContributionError:
            assert read_roster(folder / "roster").standing("care") == stood[-1]
    assert [step.after for step in read_roster(folder / "roster").steps] == stood
    for before, after in pairwise(stood):
        assert (before, after) != ("proposed", "seated")
    plain = (folder / "roster" / STEPS).read_text().splitlines()
    assert [json.loads(line)["n"] for line in plain] == list(range(1, len(plain) + 1))
