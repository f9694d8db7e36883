"""Pictures of protocols: what is in them, and that no name can get out of its place."""

import xml.etree.ElementTree as ElementTree

import pytest

from folkmoot.graphs.drawing import drawing, rounds
from folkmoot.graphs.listening import listenings
from folkmoot.graphs.mermaid import mermaid
from folkmoot.graphs.outline import hearing, outline
from folkmoot.graphs.rehearsal import dry_opening, rehearse
from folkmoot.graphs.sketch import sketch
from folkmoot.protocols import Debate, FanIn, Gate, Group, Parallel, Repeat, Setting, catalogue
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.judge import Judge
from folkmoot.protocols.order import in_turn
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import Settled

SVG = "{http://www.w3.org/2000/svg}"
SEATS = ("ann", "bo", "cy", "di")
HOSTILE = '</text><script>alert(1)</script>"\'&;]}) --> x\x00\u202e\n" onload="'
END = (Contest(), Decide(), Conclude())
MIXED = (
    Stand(),
    Gate(Settled(), (), (Repeat((FanIn(Stand(), 3), Speak()), 2, Settled()),)),
    Parallel((Group(("ann", "bo"), (Speak(),)), Group(("cy", "di"), (Judge(),)))),
    *END,
)


def listened(parts, seats=SEATS, options=("yes", "no")):
    return listenings(rehearse(parts, dry_opening(seats, options))[0])


def texts(svg: str) -> list[str]:
    return [each.text for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_the_outline_is_the_parts_as_they_are_written():
    assert list(outline(sketch(MIXED))) == [
        "stand",
        "gate settled?",
        "  yes: nothing",
        "  no",
        "    repeat at most 2 times, until settled",
        "      stand (waits for 3)",
        "      speak",
        "side by side",
        "  group ann, bo",
        "    speak",
        "  group cy, di",
        "    judge",
        "contest",
        "decide",
        "conclude",
    ]


def test_a_loop_is_drawn_once_and_a_gate_is_a_diamond():
    heard = listened(MIXED)
    root = ElementTree.fromstring(drawing("mixed", sketch(MIXED), heard, SEATS, ("a line",)))
    kinds = [each.get("class") for each in root.iter() if each.get("class")]
    assert kinds.count("stage") == 8
    assert (kinds.count("gate"), kinds.count("loop"), kinds.count("group")) == (1, 1, 2)
    assert kinds.count("hears") == sum(len(o) for each in heard for o in each.heard.values())


def test_everything_stands_inside_the_picture_and_no_box_on_another():
    for parts in (MIXED, Debate(rounds=3).parts(Setting(SEATS))):
        root = ElementTree.fromstring(drawing("t", sketch(parts), (), SEATS, ("line",)))
        width, height = float(root.get("width")), float(root.get("height"))
        boxes = [
            tuple(float(each.get(key)) for key in ("x", "y", "width", "height"))
            for each in root.iter(f"{SVG}rect")
            if each.get("class") == "stage"
        ]
        for x, y, w, h in boxes:
            assert 0 <= x <= x + w <= width
            assert 0 <= y <= y + h <= height
        for at, (x, y, w, h) in enumerate(boxes):
            for a, b, c, d in boxes[at + 1 :]:
                assert x + w <= a or a + c <= x or y + h <= b or b + d <= y


def test_who_hears_whom_is_read_from_the_prompts():
    ring = Debate(rounds=2, topology="ring").parts(Setting(SEATS))
    lines = list(hearing(listened(ring, options=None), SEATS))
    assert lines == [
        "round 0, speak: nobody hears anybody",
        "rounds 1 to 2, speak:",
        "  ann hears bo, di",
        "  bo hears ann, cy",
        "  cy hears bo, di",
        "  di hears ann, cy",
        "round 2, judge: everybody who is asked hears everybody else",
    ]


def test_groups_hear_themselves_alone():
    groups = Parallel(tuple(Group(pair, (Speak(), Repeat((Speak(),), 1))) for pair in PAIRS))
    heard = listened((groups, *END), options=None)
    apart = {"ann": {"bo"}, "bo": {"ann"}, "cy": {"di"}, "di": {"cy"}}
    assert apart in [each.heard for each in heard]


def test_seats_that_take_turns_at_a_stage_are_shown_together():
    for order in ("fixed", "shuffled", "rotating"):
        body = in_turn((Stand(), Speak()), Setting(SEATS, ("yes", "no")), order)
        heard = listened((Stand(), Speak(), Repeat(body, 2), Judge(), *END))
        assert [(each.rounds, each.stages) for each in heard] == [
            ((0,), ("stand", "speak")),
            ((1, 2), ("stand", "speak")),
            ((2,), ("judge",)),
        ], order


PAIRS = (("ann", "bo"), ("cy", "di"))


def test_a_hostile_name_stays_a_name():
    seats = (HOSTILE, "bo")
    parts = (Stand(), Group((HOSTILE,), (Speak(seats=(HOSTILE,)),)), *END)
    svg = drawing(HOSTILE, sketch(parts), listened(parts, seats), seats, (HOSTILE,))
    root = ElementTree.fromstring(svg)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {
        "svg", "title", "style", "defs", "marker", "path", "rect", "text", "circle", "polygon",
    }  # fmt: skip
    assert not [each for each in root.iter() if each.get("onload")]
    assert "<script" not in svg
    assert any("alert(1)" in (text or "") for text in texts(svg))
    drawn = mermaid(sketch(parts))
    assert "<script" not in drawn
    assert all(line.count('"') in (0, 2) for line in drawn.splitlines())


def test_the_flowchart_leads_from_the_question_to_the_answer_everywhere():
    drawn = mermaid(sketch(MIXED))
    edges = [line.split() for line in drawn.splitlines() if "-->" in line]
    sources, targets = {edge[0] for edge in edges}, {edge[-1] for edge in edges}
    nodes = sources | targets
    assert nodes - sources == {"done"}
    assert nodes - targets == {"start"}
    assert sum("again" in line for line in drawn.splitlines()) == 1
    assert sum("|yes|" in line for line in drawn.splitlines()) >= 1


@pytest.mark.parametrize("options", [None, ("a tax", "a ban", "neither")], ids=["open", "choice"])
@pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
def test_every_protocol_of_the_library_can_be_drawn(protocol, name, options):
    seats = tuple(f"seat-{n}" for n in range(7))
    parts = protocol(name, seats[0]).parts(Setting(seats, options))
    heard = listened(parts, seats, options)
    ElementTree.fromstring(drawing(name, sketch(parts), heard, seats, ("line",)))
    assert mermaid(sketch(parts)).startswith("flowchart TD\n")


def test_rounds_are_said_in_words():
    assert rounds((0,)) == "round 0"
    assert rounds((1, 2, 3)) == "rounds 1 to 3"
    assert rounds((1, 3)) == "rounds 1, 3"
