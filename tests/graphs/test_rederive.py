"""A record worked out again from its replies: what was changed after the run shows."""

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from folkmoot.agents import Agent, Panel
from folkmoot.graphs import deliberate
from folkmoot.graphs.rederive import NotRederived, rederive
from folkmoot.pool import Pool
from folkmoot.protocols import Conclude, Contest, Decide, Declare, Speak, Stand
from folkmoot.protocols.composed import Composed
from folkmoot.records import (
    Act,
    Call,
    Conflict,
    Event,
    Journal,
    Record,
    RecordError,
    Reply,
    outcome_of,
    read_journal,
    write_derived,
)

PROTOCOL = Composed(
    name="talk", parts=(Stand(), Speak(), Declare(), Contest(), Decide(), Conclude())
)


def said(call: Call) -> str | list[float]:
    """bo and cy attack what ann says; all others are for it."""
    if call.purpose == "declare":
        text = "".join(each.text for each in call.segments)
        target = re.search(r'<message id="(M\d)"[^>]*>\s*Words of ann', text)
        if call.seat in ("bo", "cy") and target:
            words = f"That is false, says {call.seat}."
            return json.dumps(
                {"acts": [{"act": "attack", "about": target[1], "text": words, "kind": "factual"}]}
            )
        return json.dumps({"acts": []})
    if call.op == "generate":
        return f"Words of {call.seat} stand here."
    return [0.9 if each.strip() in ("yes", "agree") else 0.1 for each in call.options]


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> Path:
    panel = Panel(Agent(name, model="m") for name in ("ann", "bo", "cy", "di"))
    outcome = asyncio.run(
        deliberate(
            "Ban cars?",
            panel,
            PROTOCOL,
            Pool.scripted(said),
            options=("yes", "no"),
            record_dir=tmp_path_factory.mktemp("runs"),
        )
    )
    assert any(each.about != "question" for each in outcome.conflicts)
    return Path(outcome.record or "")


def forged(record: Path, to: Path, change: Callable[[Record], Record | None]) -> Path:
    """The record written anew, as somebody would who holds it: every line is chained, but what replies
    came to is changed, or left out where the change gives None."""
    view = read_journal(record)
    with Journal.create(to, view.opening) as journal:
        for call in view.calls:
            journal.call(call)
        for each in view.records:
            kept = each if isinstance(each, Reply) else change(each)
            if kept is not None:
                journal.record(kept)
        journal.close()
        write_derived(to, outcome_of(journal.view(), to))
    return to


def found(record: Path) -> Sequence[str]:
    return asyncio.run(rederive(record))


def test_an_honest_record_comes_to_itself(record, tmp_path):
    assert found(record) == ()
    assert found(forged(record, tmp_path / "again", lambda each: each)) == ()


def _without(kind: type) -> Callable[[Any], Any]:
    return lambda each: None if isinstance(each, kind) else each


def _with(which: type, /, **fields: Any) -> Callable[[Any], Any]:
    return lambda each: each.model_copy(update=fields) if isinstance(each, which) else each


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without(Act), "act"),
        (_without(Conflict), "missing"),
        (_with(Conflict, kind="procedural"), "kind"),
        (_with(Conflict, issue="Is all well?"), "issue"),
        (_with(Conflict, history=(Event(round=0, event="opened", by="di"),)), "history"),
        (_with(Act, act="support"), "act"),
        (
            lambda each: (
                each.model_copy(
                    update={"severity": each.severity.model_copy(update={"breadth": 0.0})}
                )
                if isinstance(each, Conflict)
                else each
            ),
            "severity",
        ),
    ],
)
def test_what_was_changed_after_the_run_shows(record, tmp_path, change, said):
    differences = found(forged(record, tmp_path / "forged", change))
    assert any(said in each for each in differences)


def test_replies_that_were_cut_away_are_missed(record, tmp_path):
    to, view = tmp_path / "cut", read_journal(record)
    with Journal.create(to, view.opening) as journal:
        for call in view.calls[1:]:
            journal.call(call)
        for each in view.records:
            if not (isinstance(each, Reply) and each.call == view.calls[0].id):
                journal.record(each)
        journal.close()
    assert any("not what the replies come to" in each for each in found(to))


def test_a_run_that_was_stopped_is_compared_as_far_as_it_came(record, tmp_path):
    view = read_journal(record)
    half = tmp_path / "half"
    with Journal.create(half, view.opening) as journal:
        for call in view.calls[:4]:
            journal.call(call)
            journal.reply(view.replies[call.id])
    assert found(half) == ()


def test_a_record_of_another_version_is_not_judged(record, tmp_path):
    view = read_journal(record)
    opening = view.opening.model_copy(update={"versions": {"folkmoot": "0.0.1"}})
    with Journal.create(tmp_path / "old", opening):
        pass
    with pytest.raises(NotRederived, match=r"begun with Folkmoot 0\.0\.1"):
        found(tmp_path / "old")


def test_code_that_a_record_names_is_not_imported_unasked(record, tmp_path):
    view = read_journal(record)
    protocol = view.opening.protocol.model_copy(update={"kind": "shutil:rmtree"})
    with Journal.create(tmp_path / "own", view.opening.model_copy(update={"protocol": protocol})):
        pass
    with pytest.raises(NotRederived, match="names code of somebody's own, shutil:rmtree"):
        found(tmp_path / "own")
    with pytest.raises(RecordError):
        asyncio.run(rederive(tmp_path / "own", own_code=True))


def test_there_is_no_record(tmp_path):
    with pytest.raises(RecordError):
        found(tmp_path)
