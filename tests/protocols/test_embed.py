"""Vectors, refutations: stages that hearings build on."""

from folkmoot.protocols import Embed, Hearing, Refute, Repeat, Setting
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.embed import vectors
from folkmoot.protocols.filters import NoDuplicates
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.speak import Speak
from folkmoot.records import QUESTION, Place, Reply, audit

SEATS = ("ann", "bo", "cy")


class Rounds:
    """Blind answers, then rounds of these stages."""

    name, version = "rounds", "1"

    def __init__(self, *body):
        self.body = body

    def params(self):
        return {}

    def parts(self, setting: Setting):
        return (Speak(), Repeat(self.body, 2), Rank(), Contest(), Decide(), Conclude())

    def faults(self, seats):
        return ()


def say(call):
    if call.op == "embed":
        near = [1.0, 0.0] if "c0.0" in call.segments[0].text else [0.8, 0.6]
        return Reply.to(call, "ok", vector=tuple(near))
    if call.op == "choose":
        return [1 / len(call.options)] * len(call.options)
    return f"Said in {call.id}."


def test_one_model_embeds_each_text_once_and_filters_read_it(begin, walk):
    hearing = Hearing(filter=NoDuplicates(at_least=0.99))
    went = walk(Rounds(Embed(seat="bo"), Speak(hearing=hearing)), begin(SEATS, None), say)
    asked = [(call.round, call.about) for call in went.calls if call.op == "embed"]
    assert asked == [
        (1, QUESTION), (1, "M1"), (1, "M2"), (1, "M3"), (2, "M4"), (2, "M5"), (2, "M6"),
    ]  # fmt: skip
    assert {call.seat for call in went.calls if call.op == "embed"} == {"bo"}
    assert {call.segments[0].text for call in went.calls if call.op == "embed"} == {
        went.seen.opening.question, *(t.text for t in went.seen.turns if t.round < 2)
    }  # fmt: skip
    held = {each.message: each.why for each in went.seen.filterings[0].held}
    assert len(held) == 1
    assert next(iter(held.values())).endswith("1.00 by embeddings")
    assert audit(went.seen) == ()
    assert vectors(went.seen.at(Place(1, 1, "embed"))) == {}, "not before they are on record"
    assert len(vectors(went.seen.at(Place(99, 3, "speak")))) == 7


def test_a_text_without_a_vector_is_asked_for_again_and_compared_by_words(begin, walk):
    def refuses(call):
        return Reply.to(call, "refused") if call.op == "embed" else say(call)

    hearing = Hearing(filter=NoDuplicates())
    went = walk(Rounds(Embed(), Speak(hearing=hearing)), begin(SEATS, None), refuses)
    assert [c.round for c in went.calls if c.about == QUESTION and c.op == "embed"] == [1, 2]
    assert all("by words" in each.why for f in went.seen.filterings for each in f.held)


def test_what_is_mistaken_is_said_before_the_message_is_heard(begin, walk):
    went = walk(Rounds(Refute(seat="bo"), Speak()), begin(SEATS, None), say)
    said = [turn for turn in went.seen.turns if turn.role == "refutation"]
    assert [(turn.seat, turn.round) for turn in said[:2]] == [("bo", 1)] * 2
    answered = {message for turn in said for message in turn.replies_to}
    others = {turn.id for turn in went.seen.turns if turn.seat != "bo" and turn.round < 2}
    assert answered == others, "each message once, its own aside"
    call = next(c for c in went.calls if c.purpose == "answer" and c.round == 1)
    assert {turn.id for turn in said if turn.round == 1} <= {each.label for each in call.segments}
    assert audit(went.seen) == ()
