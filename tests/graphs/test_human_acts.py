"""A person declares acts a line each; the rest of what they write is a claim."""

import json

from folkmoot.graphs.human import Said, reply_to
from folkmoot.protocols.declare import declarations, schema
from folkmoot.records import HUMAN, Call


def asked() -> Call:
    return Call.model_validate(
        {
            "step": 1,
            "order": 0,
            "round": 0,
            "stage": "declare",
            "seat": "ann",
            "model": HUMAN,
            "op": "generate",
            "purpose": "declare",
            "segments": [],
            "json_schema": schema(["M1"], ["M2", "M3"], 3),
        }
    )


def test_a_line_for_each_act():
    said = "attack M2: It is not so.\nHold M1: I stay with it\nCars are loud: very."
    reply = reply_to(asked(), Said(text=said))
    assert json.loads(reply.text) == {
        "acts": [
            {"act": "attack", "about": "M2", "text": "It is not so."},
            {"act": "hold", "about": "M1", "text": "I stay with it"},
            {"act": "claim", "text": "Cars are loud: very."},
        ]
    }
    assert [(each.act, each.about) for each in declarations(reply, 3)] == [
        ("attack", "M2"),
        ("hold", "M1"),
        ("claim", None),
    ]
