"""A record built again: the same to the byte, or told where it is not."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel
from folkmoot.graphs import deliberate
from folkmoot.graphs.replay import PLACES, Replayed, replay
from folkmoot.pool import Pool
from folkmoot.protocols import Debate
from folkmoot.records import Journal, RecordError, Reply, outcome_of, read_journal, write_derived
from tests.protocols.conftest import Seats

PARTS = ["journal.jsonl", "head.json", "records", "transcript.json", "conflicts.json"]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    outcome = asyncio.run(
        deliberate(
            "Should we share?",
            Panel(Agent(name, model="m") for name in ("ann", "bo", "cy")),
            Debate(rounds=1),
            Pool.scripted(Seats(ann=0.9, bo=[0.1, 0.9], cy=0.1)),
            options=("yes", "no"),
            record_dir=tmp_path_factory.mktemp("runs"),
        )
    )
    return Path(outcome.record or "")


@pytest.fixture
def record(recorded, tmp_path) -> Path:
    return Path(shutil.copytree(recorded, tmp_path / "run"))


def replayed(record: Path) -> Replayed:
    return asyncio.run(replay(record))


def differing(found: Replayed) -> dict[str, str]:
    return {part.part: part.state for part in found.parts if part.state != "same"}


def test_an_honest_record_is_the_same_in_every_part(record):
    before = {path: path.read_bytes() for path in record.iterdir()}
    found = replayed(record)
    assert found.same
    assert differing(found) == {}
    assert [part.part for part in found.parts] == [*PARTS, "outcome.json"]
    assert found.head == read_journal(record).head
    assert {path: path.read_bytes() for path in record.iterdir()} == before
    assert replayed(record) == found


@pytest.mark.parametrize(
    ("name", "pointer", "value"),
    [
        ("transcript.json", ("records", 3, "seat"), "eve"),
        ("transcript.json", ("opening", "question"), "Should we not?"),
        ("conflicts.json", ("conflicts", 0, "severity", "level"), 1),
        ("outcome.json", ("ledger", "total", "calls"), 0),
        ("outcome.json", ("decision", "tally", "yes"), None),
    ],
)
def test_a_changed_value_of_a_derived_file_is_named(record, name, pointer, value):
    path = record / name
    whole = held = json.loads(path.read_bytes())
    for part in pointer[:-1]:
        held = held[part]
    was, held[pointer[-1]] = held[pointer[-1]], value
    path.write_text(json.dumps(whole), encoding="utf-8")
    found = replayed(record)
    assert differing(found) == {name: "differs"}
    (part,) = (each for each in found.parts if each.part == name)
    (place,) = part.places
    assert place.pointer == "/" + "/".join(map(str, pointer))
    assert (place.found, place.rebuilt) == (json.dumps(value), json.dumps(was))
    assert not found.same


def test_one_byte_of_layout_is_a_difference_without_a_place(record):
    path = record / "outcome.json"
    path.write_bytes(path.read_bytes().replace(b"{", b"{ ", 1))
    (part,) = (each for each in replayed(record).parts if each.state != "same")
    assert (part.part, part.places) == ("outcome.json", ())
    assert "the first that differs is byte 1" in part.why


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '"\ud800'])
def test_what_is_no_json_is_said_so(record, text):
    (record / "conflicts.json").write_text(text, encoding="utf-8", errors="surrogatepass")
    (part,) = (each for each in replayed(record).parts if each.state != "same")
    assert (part.part, part.state) == ("conflicts.json", "differs")


def test_a_file_that_is_missing_and_a_head_of_another_line(record):
    (record / "outcome.json").unlink()
    head = json.loads((record / "head.json").read_bytes())
    (record / "head.json").write_text(json.dumps({**head, "count": 10**6}))
    assert differing(replayed(record)) == {"head.json": "differs", "outcome.json": "missing"}


def test_a_broken_line_is_named_and_nothing_else_is_built(record):
    lines = (record / "journal.jsonl").read_bytes().split(b"\n")
    lines[4] = lines[4].replace(b"a", b"b", 1)
    (record / "journal.jsonl").write_bytes(b"\n".join(lines))
    found = replayed(record)
    (part,) = found.parts
    assert (part.part, part.state, part.line) == ("journal.jsonl", "differs", 5)
    assert (found.same, found.head) == (False, None)


def test_what_was_reworded_after_the_run_is_found_in_the_transcript(record, tmp_path):
    view, to = read_journal(record), tmp_path / "forged"
    with Journal.create(to, view.opening) as journal:
        for call in view.calls:
            journal.call(call)
        for each in view.records:
            forged = each
            if each.record == "conflict":
                forged = each.model_copy(update={"issue": "Is all well?"})
            if each.record != "move":
                journal.record(forged)
        journal.close()
        write_derived(to, outcome_of(journal.view(), to))
    found = replayed(to)
    (part,) = (each for each in found.parts if each.state != "same")
    assert part.part == "records"
    kept = json.loads((to / "transcript.json").read_bytes())["records"]
    named = {each.pointer: each for each in part.places}
    for place, each in enumerate(kept):
        if each["record"] == "conflict":
            assert named[f"/records/{place}/issue"].found == '"Is all well?"'
    gone = [each for each in part.places if each.found is None]
    assert [json.loads(each.rebuilt or "")["record"] for each in gone] == ["move"]


def test_thousands_of_differences_are_counted_and_some_are_told(record):
    path = record / "transcript.json"
    whole = json.loads(path.read_bytes())
    whole["records"] = [{"record": "nothing"} for _ in whole["records"]]
    path.write_text(json.dumps(whole))
    (part,) = (each for each in replayed(record).parts if each.state != "same")
    assert len(part.places) == PLACES
    assert part.more > 0


def test_a_run_that_was_stopped_is_built_as_far_as_it_came(record, tmp_path):
    view = read_journal(record)
    with Journal.create(tmp_path / "half", view.opening) as journal:
        for call in view.calls[:4]:
            journal.call(call)
            journal.reply(view.replies[call.id])
    found = replayed(tmp_path / "half")
    assert (found.same, found.status) == (True, "unfinished")
    assert set(differing(found).values()) == {"not rebuilt"}


def test_a_reply_that_was_reworded_shows_in_what_it_came_to(record, tmp_path):
    """Chained anew and derived anew, so that nothing shows but what the forged reply does not come to."""
    view, to = read_journal(record), tmp_path / "forged"
    with Journal.create(to, view.opening) as journal:
        for call in view.calls:
            journal.call(call)
        for each in view.records:
            spoken = isinstance(each, Reply) and each.text
            journal.record(each.model_copy(update={"text": "Other words."}) if spoken else each)
        journal.close()
        write_derived(to, outcome_of(journal.view(), to))
    (part,) = (each for each in replayed(to).parts if each.state != "same")
    assert part.part == "records"
    assert any(place.pointer.endswith("/text") for place in part.places)


def test_where_there_is_no_record_there_is_nothing_to_replay(tmp_path):
    with pytest.raises(RecordError):
        replayed(tmp_path)
