"""Three runs with a scripted pool: one question twice, with conflict, acts and hostile text, and another."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.protocols import Conclude, Contest, Decide, Declare, Repeat, Speak, Stand
from folkmoot.protocols.account import Account
from folkmoot.protocols.composed import Composed
from folkmoot.records import Call

HOSTILE = "# <script>alert(1)</script> \u202eevil\x1b[31m https://evil.example \u200b"

PROTOCOL = Composed(
    name="talk",
    parts=(
        Stand(),
        Speak(),
        Repeat((Stand(), Account(), Speak()), 1),
        Declare(),
        Contest(),
        Decide(),
        Conclude(),
    ),
)


def said(call: Call) -> str | list[float]:
    """cy moves to yes in round 1; bo stays with no, attacks what ann says, and writes hostile text."""
    if call.purpose == "declare":
        text = "".join(each.text for each in call.segments)
        target = re.search(r'<message id="(M\d)"[^>]*>\s*Words of ann', text)
        if call.seat == "bo" and target:
            act = {"act": "attack", "about": target[1], "text": "That is false.", "kind": "factual"}
            return json.dumps({"acts": [act]})
        return json.dumps({"acts": []})
    if call.op == "generate":
        odd = HOSTILE if call.seat == "bo" else "😀"
        return f"Words of {call.seat} in round {call.round} {odd}. They stand here."
    no = call.seat == "bo" or (call.seat == "cy" and call.round == 0)
    likely = {"yes": 0.1, "no": 0.9} if no else {"yes": 0.9, "no": 0.1}
    prompt = "".join(each.text for each in call.segments)
    letters = dict(re.findall(r"^([A-Z])\. (yes|no)$", prompt, re.MULTILINE))
    return [likely.get(letters.get(each.strip(), each.strip()), 0.5) for each in call.options]


@pytest.fixture(scope="package")
def runs(tmp_path_factory) -> Path:
    """The folder of three records: `first` and `again` are of one question."""
    folder = tmp_path_factory.mktemp("exported") / "runs"
    panel = Panel(
        Agent(name, model=model, contributor=who)
        for name, model, who in (("ann", "m", "Ann Lab"), ("bo", "n", "Bo e.V."), ("cy", "m", None))
    )
    for name, question, seed in (
        ("first", "Ban cars?", 1),
        ("again", "Ban cars?", 2),
        ("other", "Ban planes?", 1),
    ):
        made = deliberate(
            question,
            panel,
            PROTOCOL,
            Pool.scripted(said),
            options=("yes", "no"),
            seed=seed,
            record_dir=folder,
            run_id=name,
        )
        asyncio.run(made)
    return folder
