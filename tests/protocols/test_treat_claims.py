"""What an answer says of a contested claim: only where it says which claim that is."""

import pytest

from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.records import Ballot, Place, Record, Transcript, audit
from folkmoot.records.treat import treatments
from tests.protocols.threads import Threads

CLAIM, MORE = "Parks make the whole town healthier.", "Trees give the children shade."
AGAINST = "Nobody walks in a park at night."


def contested(first: str) -> Transcript:
    """ann's message is attacked by bo and cy, and the run ends in a tie of their messages."""
    said = Threads("ann", "bo", "cy", "di")
    said.say("ann", first)
    said.act("bo", "attack", "M1", AGAINST)
    said.act("cy", "attack", "M1", "It costs too much for what it is.")
    seen = said.seen
    ballots = [
        Ballot(
            step=10**6,
            order=order,
            id=f"b{order + 1}",
            seat=seat,
            round=4,
            options=("M2", "M3"),
            state="valid",
            ranking=("M2", "M3") if order % 2 else ("M3", "M2"),
        )
        for order, seat in enumerate(seen.opening.seats)
    ]
    records: list[Record] = [*said.records, *ballots]
    for later, stage in enumerate((Contest(), Decide(), Conclude()), 1):
        place = Place(10**6 + later, 5, stage.name)
        records += stage.tell(Transcript(seen.opening, records, place), ())
    return Transcript(seen.opening, records, Place(10**6 + 9, 5, "after"))


def how(seen: Transcript, text: str) -> str:
    (claim,) = (each for each in seen.conflicts if each.about == "M1")
    return next(e.treatment for e in treatments(seen, text) if e.conflict == claim.id)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # Reasons for something else: nothing says that ann's claim is contested.
        ("M2: bo. “{against}” [M2]", "silent"),
        ("M2: bo. “{against}” [M2]\nann: “{claim}” [M1]", "partial"),
        ("M2: bo. “{against}” [M2]\nann: “{more}” [M1]", "silent"),
        ("It holds: ann; attacked: bo, cy.", "silent"),
        # Both sides beside the claim, or its message.
        ("“{claim}” [M1], but “{against}” [M2]", "addressed"),
        ("ann: “{claim}” [M1] It holds: ann; attacked: bo and cy.", "addressed"),
        ("“{claim}” it holds: ann; attacked: bo, cy.", "addressed"),
        ("[M1] it holds: ann; attacked: bo, cy.", "addressed"),
        ("Of M1 say bo and cy that it is attacked; “{against}” [M2]", "partial"),
        ("“{more}” [M1] it holds: ann; attacked: bo, cy.", "addressed"),
        ("[M1] it holds: bo.", "misstated"),
    ],
)
def test_a_side_of_a_claim_is_voiced_only_where_the_claim_is_named(text: str, said: str) -> None:
    """All that ann's message says is the claim; one sentence of it names it, and does not voice it."""
    whole = f"{CLAIM} {MORE}"
    said_of_it = text.format(claim=whole, more=MORE, against=AGAINST)
    assert how(contested(whole), said_of_it) == said


def test_silence_on_a_claim_whose_attackers_are_quoted_elsewhere_is_flagged() -> None:
    seen = contested(CLAIM)
    (claim,) = (each for each in seen.conflicts if each.about == "M1")
    found = {each.conflict: each for each in treatments(seen, f"M2: bo. “{AGAINST}” [M2]")}
    assert claim.severity.level >= 2
    assert found[claim.id].flagged


def test_a_claim_without_words_to_quote_is_named_by_its_message() -> None:
    seen = contested("🎉🎉")
    assert seen.answer is not None
    (line,) = (each for each in seen.answer.text.splitlines() if each.startswith("Contested"))
    assert line == "Contested: [M1] it holds: ann; attacked: bo, cy."
    assert seen.answer.sentences[-1].cites == ("M1",)
    assert how(seen, seen.answer.text) == "addressed"
    assert [each for each in audit(seen) if "reply" not in each] == []
