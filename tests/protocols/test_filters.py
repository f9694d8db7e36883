"""Filters: which messages a seat is not shown, and the reason that goes on record."""

import pytest

from folkmoot.protocols.filters import (
    Anonymise,
    Dar,
    DisagreeOnly,
    Diverse,
    Everything,
    Kept,
    Nearest,
    NoDuplicates,
    Successive,
    SupportOnly,
    TopK,
    Truncate,
    as_filter,
)
from folkmoot.records import QUESTION, Place, Reply, Stance, Transcript, Turn

SEATS = ("ann", "bo", "cy", "di", "ed")


def said(number: int, text: str, answer: str | None = "yes", round: int = 0) -> Turn:
    return Turn(
        step=2 * round + 1,
        order=number,
        id=f"M{number}",
        seat=SEATS[(number - 1) % len(SEATS)],
        round=round,
        stage="speak",
        role="statement",
        state="valid",
        text=text,
        answer=answer,
        call=f"c1.{number}",
    )


def stance(seat: str, yes: float, round: int = 0) -> Stance:
    return Stance(
        step=2 * round,
        order=SEATS.index(seat),
        seat=seat,
        round=round,
        stage="stand",
        options=("yes", "no"),
        state="valid",
        choice="yes" if yes > 0.5 else "no",
        probabilities={"yes": yes, "no": 1 - yes},
        source="probabilities",
    )


def vector(about: str, *values: float) -> Reply:
    order = 0 if about == QUESTION else int(about[1:])
    return Reply(
        step=3, order=order, seat="ann", purpose="embed", about=about, state="ok", vector=values
    )


@pytest.fixture
def table(begin):
    """Yes is held by ann (.9), bo (.8) and cy (.6), no by di (.9) and ed (.55)."""
    held = {"ann": 0.9, "bo": 0.8, "cy": 0.6, "di": 0.1, "ed": 0.45}
    opening = begin(SEATS, question="Should the town share its records?")
    records = [stance(seat, yes) for seat, yes in held.items()]
    turns = [
        said(number, f"Reason {number}.", "yes" if yes > 0.5 else "no")
        for number, yes in enumerate(held.values(), 1)
    ]

    def over(*more) -> tuple[Transcript, list[Turn]]:
        return Transcript(opening, [*records, *more], Place(9, 1, "stand")), turns

    return over


def test_the_surest_of_a_round_are_the_same_for_all_readers(table):
    seen, turns = table()
    for reader in SEATS:
        kept = TopK(k=3).keep(seen, reader, turns)
        assert kept.held == {
            "M3": "not among the 3 surest of round 0: certainty 0.60",
            "M5": "not among the 3 surest of round 0: certainty 0.55",
        }
    later = [*turns, said(6, "More.", "yes", round=1)]
    assert "M6" not in TopK(k=1).keep(seen, "ann", later).held, "k of each round"


def test_certainty_that_was_not_measured_comes_last_and_is_never_zero(table):
    seen, turns = table()
    changed = [
        turn.model_copy(update={"answer": "no"}) if turn.id == "M1" else turn for turn in turns
    ]
    held = TopK(k=4).keep(seen, "ann", changed).held
    assert held == {"M1": "not among the 4 surest of round 0: certainty not measured"}


def test_support_disagree_and_dar_go_by_what_the_reader_holds(table):
    seen, turns = table()
    assert set(SupportOnly().keep(seen, "ann", turns).held) == {"M4", "M5"}
    assert DisagreeOnly().keep(seen, "ann", turns).held == {
        "M2": "argues for 'yes', as the reader does",
        "M3": "argues for 'yes', as the reader does",
    }
    assert Dar().keep(seen, "ann", turns).held["M2"] == (
        "argues for 'yes', as the reader and the majority does"
    )
    assert Dar().keep(seen, "di", turns).held == {
        "M1": "argues for 'yes', as the majority does",
        "M2": "argues for 'yes', as the majority does",
        "M3": "argues for 'yes', as the majority does",
        "M5": "argues for 'no', as the reader does",
    }
    tied = turns[1:]
    assert set(Dar().keep(seen, "ann", tied).held) == {"M2", "M3"}, "a tie is no majority"


@pytest.mark.parametrize("each", [SupportOnly(), DisagreeOnly(), Dar()])
def test_what_argues_for_no_option_is_shown_and_so_is_all_to_who_holds_none(begin, table, each):
    seen, turns = table()
    open_ones = [turn.model_copy(update={"answer": None}) for turn in turns]
    assert each.keep(seen, "ann", open_ones) == Kept()
    nobody = Transcript(begin(SEATS), (), Place(9, 1, "stand"))
    mine = SupportOnly().keep(nobody, "ann", turns)
    assert mine == Kept() == DisagreeOnly().keep(nobody, "ann", turns)


def test_near_duplicates_by_words_where_there_are_no_vectors(table):
    seen, _ = table()
    turns = [
        said(1, "Sharing records helps every patient in the town."),
        said(2, "sharing records helps every patient, in the town!"),
        said(3, "Privacy comes before any gain of the town."),
    ]
    kept = NoDuplicates().keep(seen, "ann", turns)
    assert kept.held == {"M2": "like M1: 1.00 by words"}


def test_vectors_are_used_where_every_text_has_one(table):
    turns = [said(1, "Alpha."), said(2, "Beta."), said(3, "Gamma.")]
    on_record = [
        vector(QUESTION, 1.0, 0.0),
        vector("M1", 1.0, 0.0),
        vector("M2", 0.99, 0.05),
        vector("M3", 0.0, 1.0),
    ]
    seen, _ = table(*on_record)
    assert NoDuplicates().keep(seen, "ann", turns).held == {"M2": "like M1: 1.00 by embeddings"}
    assert set(Nearest(k=1).keep(seen, "ann", turns).held) == {"M2", "M3"}
    assert set(Diverse(k=2).keep(seen, "ann", turns).held) == {"M2"}
    partly, _ = table(*on_record[:-1])
    assert "by words" in Nearest(k=1).keep(partly, "ann", turns).held["M3"]
    at_the_time = Transcript(seen.opening, seen.records, Place(3, 1, "embed"))
    assert "by words" in Nearest(k=1).keep(at_the_time, "ann", turns).held["M3"]


def test_the_nearest_and_the_most_different_by_words(table):
    seen, _ = table()
    turns = [
        said(1, "The town should share its records."),
        said(2, "The town should share its files."),
        said(3, "Wolves howl."),
    ]
    assert set(Nearest(k=2).keep(seen, "ann", turns).held) == {"M3"}
    assert set(Diverse(k=2).keep(seen, "ann", turns).held) == {"M2"}


def test_names_of_seats_are_not_shown_and_long_texts_are_cut_at_a_blank(table):
    seen, _ = table()
    turns = [said(1, "Ann is right, bo's not; anna, edit."), said(2, "Nobody is named.")]
    kept = Anonymise().keep(seen, "cy", turns)
    assert kept.texts == {"M1": "a seat is right, a seat's not; anna, edit."}
    assert set(kept.why) == {"M1"}
    assert kept.held == {}
    cut = Truncate(characters=12).keep(seen, "cy", [said(1, "one two three four"), said(2, "one")])
    assert cut.texts == {"M1": "one two […]"}
    assert cut.why == {"M1": "12 of 18 characters"}
    assert Truncate(characters=4).keep(seen, "cy", [said(1, "abcdefgh")]).texts["M1"] == "abcd […]"


def by_hand(seen, reader, messages):
    """Every other one."""
    return messages[::2]


def test_a_plain_function_and_several_in_a_row_are_filters(table):
    seen, turns = table()
    every_other = as_filter(by_hand)
    assert every_other.keep(seen, "ann", turns).held == {"M2": "by_hand", "M4": "by_hand"}
    both = as_filter([TopK(k=4), by_hand, Truncate(characters=3), Truncate(characters=2)])
    kept = both.keep(seen, "ann", turns)
    assert kept.held["M5"].startswith("top-k: not among")
    assert kept.held["M2"] == "by_hand: by_hand"
    assert kept.texts["M1"] == "Re […]"
    assert isinstance(both, Successive)
    assert as_filter(None) == Everything()
    with pytest.raises(TypeError, match="is no filter"):
        as_filter(3)
