"""The parity page: every equivalent that it names is run, verified, and shows what its row claims."""

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import folkmoot.agents
import folkmoot.protocols
from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import deliberate_sync
from folkmoot.graphs.rehearsal import dry_opening
from folkmoot.graphs.soundness import unsound
from folkmoot.pool import Pool
from folkmoot.protocols import (
    Account,
    Composed,
    Conclude,
    Contest,
    Debate,
    Decide,
    Deliberation,
    FanIn,
    Filter,
    Hearing,
    Rank,
    Repeat,
    Rule,
    Say,
    Speak,
    Stand,
    Topology,
    Vote,
)
from folkmoot.records import Call, Reply, Usage, Waiting, verify

sys.path.append(str(Path(__file__).parent))
from parity_shows import SEATS, SHOWS, WAITS, Held

from tests.protocols.conftest import shown, weighed

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "parity.md").read_text(encoding="utf-8")
COST = Usage(prompt=9, completion=9)
KINDS = {"choice": ("yes", "no"), "open": None}


class Row(NamedTuple):
    """A row of the page."""

    peer: str
    theirs: str
    here: str
    """An expression; "" for none."""
    remark: str

    @property
    def key(self) -> str:
        return f"{self.peer}: {self.theirs}"


def rows() -> list[Row]:
    found: list[Row] = []
    peer = ""
    for line in PAGE.splitlines():
        if line.startswith("## "):
            peer = line.removeprefix("## ").split("'")[0]
        if line.startswith("|") and "---" not in line and not line.endswith("| here | remark |"):
            theirs, here, remark = (cell.strip() for cell in line.strip("|").split("|"))
            found.append(Row(peer, theirs, here.strip("`–"), remark))
    return found


ROWS = rows()
RUN = [row for row in ROWS if row.here]


def _recipes() -> ModuleType:
    spec = importlib.util.spec_from_file_location("recipes", ROOT / "examples" / "recipes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a rule of its own is named by its module
    spec.loader.exec_module(module)
    return module


NAMES = {
    **{name: getattr(folkmoot.protocols, name) for name in folkmoot.protocols.__all__},
    **{name: getattr(folkmoot.agents, name) for name in folkmoot.agents.__all__},
    "recipes": _recipes(),
}


def around(body: tuple[Any, ...], rule: Rule, answers: tuple[Any, ...] = (Rank(),)) -> Composed:
    """Blind answers, something, and the end."""
    end = (Contest(), Decide(rule=rule), Conclude())
    on_open = tuple(each for each in body if not isinstance(each, Stand | Account))
    return Composed(
        name="around",
        parts=(Stand(), Speak(), *body, *end),
        open_parts=(Speak(), *on_open, *answers, *end),
    )


def meant(thing: Any) -> Deliberation:
    """The protocol that an expression stands for."""
    if isinstance(thing, Hearing):
        body = (Stand(hearing=thing), Account(hearing=thing), Speak(hearing=thing))
        on_open = (Speak(hearing=thing),)
        whole = around((Repeat(body, 2),), Rule())
        return whole.model_copy(
            update={"for_open": (Speak(), Repeat(on_open, 2), *(whole.for_open or ())[-4:])}
        )
    match thing:
        case Rule():
            return Debate(rounds=1, rule=thing)
        case Topology():
            return Debate(rounds=2, topology=thing)
        case Agent():
            return Debate(rounds=1)
        case Say():
            return around((thing,), Rule())
        case Vote():
            return around((thing,), thing.rule, ())
        case FanIn() | Repeat():
            return around((thing,), Rule())
        case _ if isinstance(thing, Deliberation):
            return thing
        case _:
            assert isinstance(thing, Filter), thing
            return meant(Hearing(filter=thing))


def panel_for(thing: Any) -> Panel:
    """Four seats with perspectives; the last one states its stances."""
    agents = [
        Agent(seat, model="m", perspective=Perspective(statement=f"I speak for {seat}'s street."))
        for seat in SEATS[:3]
    ]
    last = Agent("di", model="m", stance="stated")
    return Panel([*agents, thing if isinstance(thing, Agent) else last])


def filled(schema: dict[str, Any]) -> Any:
    """The first that a schema allows; of a ballot "how sure", 70."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "object":
            return {name: filled(each) for name, each in schema["properties"].items()}
        case "array":
            items = schema["items"]
            return [filled(items["anyOf"][0]) if "anyOf" in items else items["enum"][0]]
        case "integer":
            return 70 if schema["maximum"] == 100 else schema["maximum"]
        case _:
            return "Because I say so."


@pytest.fixture
def hold(seats, tmp_path):
    leaning = seats(ann=0.9, bo=[0.3, 0.8], cy=0.2, di=0.6)

    def held(thing: Any, kind: str = "choice") -> Held:
        calls: list[Call] = []

        def say(call: Call) -> Any:
            calls.append(call)
            if call.json_schema is not None:
                return json.dumps(filled(call.json_schema))
            if call.purpose.startswith("sample") and kind == "choice":
                return f"{'yes' if call.seat == 'ann' else 'no'}, draw {call.order}."
            if call.op == "choose" and set(shown(call)) == {"accept", "reject"}:
                return weighed(call, lambda option: 0.8 if option == "reject" else 0.2)
            if call.purpose == "pick":  # of the latest messages the one that comes first as text
                return weighed(call, lambda text: 0.8 if text == min(shown(call)) else 0.2)
            said = leaning(call)
            if isinstance(thing, Repeat) and isinstance(said, str):  # what a deadline looks at
                return Reply.to(call, "ok", text=said, usage=COST, took_ms=7)
            return said

        outcome = deliberate_sync(
            "Shall we build it?",
            panel_for(thing),
            meant(thing),
            Pool.scripted(say),
            options=KINDS[kind],
            record_dir=tmp_path,
        )
        return Held(outcome, tuple(calls))

    return held


def test_every_row_is_run_or_says_why_not():
    assert len({row.key for row in ROWS}) == len(ROWS)
    assert {row.key for row in RUN} == SHOWS.keys() | WAITS
    without = [row.key for row in ROWS if not row.here and len(row.remark) < 8]
    assert not without, "neither an equivalent nor a reason"


THEIRS = {
    "MALLM": (
        *("memory", "report", "relay", "debate", "collective_refinement"),
        *("majority_consensus", "supermajority_consensus", "hybrid_consensus"),
        *("unanimity_consensus", "simple_voting", "approval_voting", "cumulative_voting"),
        *("ranked_voting", "consensus_voting", "judge"),
        *("public", "facts", "history", "confidence", "confidence_log_probs"),
        *("confidence_prompted", "confidence_consistency", "anonymous"),
        *("freetext", "splitfreetext", "simple", "critical", "reasoning"),
        *("expert", "ipip", "nopersona", "mock"),
    ),
    "DebateLLM": (
        *("single_agent", "spp_synergy", "medprompt", "ensemble_refinement", "debateqa"),
        *("google_mad", "tsinghua_mad", "chateval", "one_by_one", "simultaneous_talk"),
        *("simultaneous_talk_with_summarizer", "agreement_intensity"),
    ),
    "MoCo": (
        *("Multiagent Refine", "Multiagent Feedback", "Knowledge Card", "LLM Blender"),
        *("Heterogeneous Swarms", "Majority Vote", "Structured Interaction", "BBMAS"),
        *("Multiagent Finetuning", "Sparta Alignment", "SLM-MUX", "AggLM"),
        *("chain", "tree", "star", "circle", "complete", "other"),
    ),
    "freemad": ("all_to_all", "k_reviewers", "ring", "star", "deterministic", "random"),
    "Plurals": ("Chain", "Graph", "Debate", "Ensemble", "Moderator", "Interview"),
    "LangGraph": ("Network", "Supervisor", "Supervisor (tool-calling)", "Hierarchical", "Custom"),
}
"""Their names, as their own registries and lists have them."""


@pytest.mark.parametrize("peer", THEIRS)
def test_the_page_has_every_name_of_theirs(peer):
    said = " ".join(row.theirs for row in ROWS if row.peer == peer)
    assert [name for name in THEIRS[peer] if not re.search(rf"\b{re.escape(name)}", said)] == []


@pytest.mark.parametrize("row", RUN, ids=[row.key for row in RUN])
def test_an_equivalent_runs_and_shows_what_it_stands_for(hold, row):
    thing = eval(row.here, dict(NAMES))
    if row.key in WAITS:
        with pytest.raises(Waiting, match="waits for di"):
            hold(thing)
        return
    held = hold(thing)
    assert held.outcome.status == "complete"
    assert verify(held.outcome.record).findings == ()
    assert SHOWS[row.key](held), held.outcome.decision


@pytest.mark.parametrize("row", RUN, ids=[row.key for row in RUN])
def test_an_equivalent_takes_an_open_question_too(hold, row):
    if "choice questions" in row.remark or row.key in WAITS:
        return
    held = hold(eval(row.here, dict(NAMES)), "open")
    assert held.outcome.status == "complete"
    assert held.outcome.answer.strip()
    assert verify(held.outcome.record).findings == ()


@pytest.mark.parametrize("row", RUN, ids=[row.key for row in RUN])
def test_nothing_is_found_wrong_with_an_equivalent(row):
    thing = eval(row.here, dict(NAMES))
    opening = dry_opening(panel_for(thing), KINDS["choice"])
    assert unsound(meant(thing), opening) == ()
