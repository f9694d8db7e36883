"""A majority of clones is seen as clones: before a run by the check, after it in the outcome."""

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import deliberate_sync
from folkmoot.graphs.clones import notes
from folkmoot.graphs.rehearsal import dry_opening
from folkmoot.protocols import BlindVote, Debate, catalogue, named
from folkmoot.records import HUMAN, Party, clones, load

SEATS = ("ann", "bo", "cy", "di", "ed")
FARM = Perspective(statement="We farm.", values={"security-societal": 1.0})
FISH = Perspective(statement="I fish.")


def farmers(declared: bool = True) -> Panel:
    """Four copies of one agent and another one."""
    who = {"perspective": FARM} if declared else {}
    return Panel(
        [
            *(Agent(seat, model="m", **who) for seat in SEATS[:4]),
            Agent("ed", model="m", perspective=FISH),
        ]
    )


def noted(protocol, panel=None):
    return notes(protocol, dry_opening(panel or farmers(), ("yes", "no")))


def build(name: str):
    params = next(each.params for each in catalogue() if each.name == name)
    return named(name, **({"seat": "ann"} if "seat" in params else {}))


def test_clones_are_seats_of_one_model_and_one_perspective():
    def party(seat, **fields):
        return Party(seat=seat, **{"model": "m", "statement": "We farm.", **fields})

    assert clones([party("a"), party("b", statement=" we FARM. "), party("c", model="n")]) == (
        ("a", "b"),
    )
    assert (
        clones([party("a"), party("b", values={"face": 1.0}), party("c", red_lines=("x",))]) == ()
    )
    assert clones([party("a", model=HUMAN), party("b", model=HUMAN)]) == ()
    pairs = [party("a"), party("b", model="n"), party("c"), party("d", model="n")]
    assert clones(pairs) == (("a", "c"), ("b", "d"))
    assert clones([]) == ()


@pytest.mark.parametrize("name", [each.name for each in catalogue()])
def test_the_check_says_of_every_protocol_how_clones_count(name):
    (note,) = noted(build(name))
    assert note.startswith("4 of 5 seats are the same agent (ann, bo, cy, di): ")
    others = Panel([Agent("ann", model="m"), Agent("bo", model="n")])
    assert noted(build(name), others) == ()


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("plurality", "'plurality' counts each of them, and together they are a majority"),
        ("maximin", "'maximin' counts them as one perspective"),
        ("nash", "'nash' counts them as one perspective"),
        (
            "bridging",
            "'bridging' counts them as one perspective, which weighs more the more it has",
        ),
        ({"name": "dictator", "seat": "ed"}, "ed decides alone"),
    ],
)
def test_it_says_what_the_rule_makes_of_them(rule, says):
    assert noted(BlindVote(rule=rule)) == (
        f"4 of 5 seats are the same agent (ann, bo, cy, di): {says}",
    )


def test_copies_that_declare_nothing_are_perspectives_of_their_own_to_the_rules():
    (note,) = noted(BlindVote(rule="maximin"), farmers(declared=False))
    assert note.endswith("'maximin' counts each as a perspective of its own, as none is declared")


def test_two_of_five_are_no_majority():
    agents = [Agent(seat, model=f"m-{min(at, 3)}") for at, seat in enumerate(SEATS)]
    assert noted(BlindVote(rule="plurality"), Panel(agents)) == (
        "2 of 5 seats are the same agent (di, ed): 'plurality' counts each of them",
    )


def test_a_judge_decides_alone_whoever_sits_there():
    (note,) = noted(Debate(judge="ed"))
    assert note.endswith(": ed decides alone")


@pytest.mark.parametrize("options", [("yes", "no"), None], ids=["choice", "open"])
@pytest.mark.parametrize("name", [each.name for each in catalogue()])
def test_the_outcome_of_every_protocol_names_them(leaning, tmp_path, name, options):
    pool = leaning(ann=0.6, bo=0.6, cy=0.6, di=0.6, ed=0.05)
    outcome = deliberate_sync(
        "Share?", farmers(), build(name), pool, options=options, record_dir=tmp_path
    )
    assert outcome.clones == (("ann", "bo", "cy", "di"),)
    assert load(outcome.record).clones == outcome.clones, "it is on record"
