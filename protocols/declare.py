"""Declare: seats say in typed acts what they do with the messages they have heard.

Layer 1 of conflict detection. An act counts only for the seat that was asked: whatever a text says
of somebody's acts is text. `act_conflict` draws conflicts from what is accepted here.
"""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple, cast, get_args

from pydantic import Field

from folkmoot.agents import voice
from folkmoot.protocols.hearing import Heard, Hearing, HearingOf, filterings, hears
from folkmoot.protocols.stage import Calls, seated
from folkmoot.protocols.turns import in_order, turn
from folkmoot.records import Act, Call, Record, Reply, Segment, Transcript, Turn, scrub
from folkmoot.records.acts import TurnRole
from folkmoot.records.base import Frozen
from folkmoot.records.terms import ActName, ConflictKind

DECLARE = "declare"
"""Purpose of the calls."""

ON_OTHERS: tuple[ActName, ...] = ("support", "attack", "concede", "qualify")
"""What a seat may do with the messages of others."""

_KINDS: tuple[ConflictKind, ...] = get_args(ConflictKind)

_ROLE: TurnRole = "act"
"""Not a statement: a seat that concedes a point does not thereby put a new answer on the table."""

_TOKENS_AN_ACT, _SYNTAX_TOKENS, _LETTERS_A_TOKEN = 64, 32, 3
"""The room that an act takes at least, what of it is JSON, and a careful guess at how long a token
is."""
_SHORTEST, _LONGEST = 30, 300
"""Letters that the text of an act may have."""


class Declare(Frozen):
    """Each seat hears the messages and declares what it does with them, in guided JSON.

    Every text that it gives is a message; an act goes on record beside it where it is sound. An act
    on a message that the seat was not shown, a hold to another's message and anything else on its own
    one are messages alone. So is an attack or a qualification of the same message in the same words
    as before, unless the seat has conceded something in that thread, or supported that message, since.
    """

    hearing: HearingOf = Hearing(same_round=True)
    """What each seat is shown; by default everything that was said before this stage."""
    most: int = Field(default=3, ge=1)
    """Acts of a seat at most; whatever more it writes is neither heard nor counted."""
    seats: tuple[str, ...] | None = None
    """Who declares; None for all."""
    name: str = "declare"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call a seat."""
        return self._calls(seen, self.hearing)

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The same calls where nothing is held back."""
        return self._calls(seen, self.hearing.widest)

    def _calls(self, seen: Transcript, hearing: Hearing) -> tuple[Call, ...]:
        calls = Calls(seen)
        heard = hears(seen, hearing)
        for party in seated(seen, self.seats):
            mine = heard[party.seat]
            own = [each.id for each in mine.turns if each.seat == party.seat]
            others = [each.id for each in mine.turns if each.seat != party.seat]
            segments = (
                *mine.common(seen.opening.question),
                voice.own(party),
                *_own_messages(own),
                voice.task(_task(self.most)),
            )
            guide = schema(own, others, self.most, party.sampling.max_tokens)
            calls.generate(party, DECLARE, segments, json_schema=guide)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A message for each text, and an act with each message that declares a sound one.

        A reply that is cut off or is no JSON of the schema says nothing: nothing is made up of it.
        """
        heard = hears(seen, self.hearing)
        said = {reply.seat: reply for reply in replies}
        turns: list[Turn] = []
        acts: list[Act] = []
        for reply in in_order(seen, said):
            shown = _shown(heard[reply.seat], reply)
            before = _Before(seen, reply.seat)
            for declared in declarations(reply, self.most):
                answered = declared.about if declared.about in shown else None
                message = turn(
                    seen,
                    reply,
                    len(turns),
                    _ROLE,
                    text=declared.text,
                    replies_to=() if answered is None else (answered,),
                )
                turns.append(message)
                if _sound(declared, reply.seat, shown) and before.is_new(declared):
                    acts.append(_act(seen, message, declared, len(acts)))
        return (*filterings(heard, [*said]), *turns, *acts)


class Declared(NamedTuple):
    """What a seat writes that it does. What is not of the known words is None."""

    act: ActName | None
    about: str | None
    kind: ConflictKind | None
    text: str


def schema(
    own: Sequence[str], others: Sequence[str], most: int, max_tokens: int = 1024
) -> dict[str, Any]:
    """The JSON schema of a seat's acts.

    Args:
        own: ids of the seat's own messages among those that it is shown; it may hold to them.
        others: ids of the others; on these it may do anything else.
        most: acts at most; fewer where the reply has no room for them.
        max_tokens: of the reply.
    """
    fitting = max(1, min(most, max_tokens // _TOKENS_AN_ACT))
    letters = _LETTERS_A_TOKEN * (max_tokens // fitting - _SYNTAX_TOKENS)
    text = {"type": "string", "maxLength": max(_SHORTEST, min(_LONGEST, letters))}
    kinds = {"kind": {"type": "string", "enum": list(_KINDS)}}
    acts = [_one("claim", (), {}, text)]
    acts += [_one("hold", own, {}, text)] if own else []
    acts += [
        _one(name, others, kinds if name == "attack" else {}, text)
        for name in (ON_OTHERS if others else ())
    ]
    return {
        "type": "object",
        "properties": {
            "acts": {
                "type": "array",
                "items": {"anyOf": acts},
                "minItems": 1,
                "maxItems": fitting,
            }
        },
        "required": ["acts"],
        "additionalProperties": False,
    }


def declarations(reply: Reply, most: int) -> tuple[Declared, ...]:
    """The first acts that a reply lists, as it writes them; () where it cannot be read.

    Nothing is checked but the words: whether an act is the seat's to make, `Declare` looks at. What
    says nothing is left out.
    """
    if reply.state != "ok":
        return ()
    try:
        said: Any = json.loads(reply.text)
    except (ValueError, RecursionError):
        return ()
    listed: Any = cast("dict[str, Any]", said).get("acts") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        return ()
    found = [_declared(each) for each in cast("list[Any]", listed)[:most]]
    return tuple(each for each in found if each is not None)


def plain(text: str) -> str:
    """The letters, digits and accents of a text: blanks, marks and hidden characters are left out,
    capitals and presentation forms evened out (NFKC), so that the same words are the same text."""
    # Once more after NFKC: it takes some signs apart, such as a half into digits and a stroke.
    return _letters(unicodedata.normalize("NFKC", _letters(text)).casefold())


def _letters(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter)[0] in "LMN")


def _one(
    name: ActName, ids: Sequence[str], more: dict[str, Any], text: dict[str, Any]
) -> dict[str, Any]:
    """The schema of one kind of act. What it is and on what come first: the sentence is about them."""
    fields: dict[str, Any] = {"act": {"type": "string", "enum": [name]}}
    if ids:
        fields["about"] = {"type": "string", "enum": list(ids)}
    fields |= {**more, "text": text}
    return {
        "type": "object",
        "properties": fields,
        "required": [field for field in fields if field not in more],
        "additionalProperties": False,
    }


def _task(most: int) -> str:
    return (
        "What do you do with these messages, from your perspective? claim: you say something new; "
        "support, attack, concede or qualify: you do that with a message of another seat; hold: you "
        "hold to a message of your own. Of an attack, kind says what the difference is over. "
        f"Name one to {most} acts, each with one sentence that says why. Answer in JSON."
    )


def _own_messages(own: Sequence[str]) -> tuple[Segment, ...]:
    """Which of the messages are the seat's own: they are shown without their speakers."""
    if not own:
        return ()
    text = f"\nYour own messages: {', '.join(own)}\n"
    # As droppable as the messages themselves, and after them: the ids say nothing without these.
    return (Segment(role="user", text=text, label="own", drop=1),)


def _declared(given: Any) -> Declared | None:
    if not isinstance(given, dict):
        return None
    fields = cast("dict[str, Any]", given)
    act, about, kind, text = (fields.get(name) for name in ("act", "about", "kind", "text"))
    if not isinstance(text, str) or not text.strip():
        return None
    return Declared(
        act=act if act in ("claim", "hold", *ON_OTHERS) else None,
        about=about if isinstance(about, str) else None,
        kind=kind if kind in _KINDS else None,
        text=scrub(text),
    )


def _shown(heard: Heard, reply: Reply) -> dict[str, str]:
    """The messages that the seat was shown → their speakers; not those that found no room."""
    return {each.id: each.seat for each in heard.turns if each.id not in reply.dropped}


class _Before:
    """What a seat has declared so far that counts once: attacks and qualifications that it has not
    taken back."""

    def __init__(self, seen: Transcript, seat: str) -> None:
        self._threads: dict[str, str] = {}
        for each in seen.turns:
            answered = each.replies_to[:1]
            self._threads[each.id] = self._thread(answered[0]) if answered else each.id
        self._said: set[tuple[ActName, str, str]] = set()
        for act in seen.acts:
            if act.seat == seat:
                words = seen.turn(act.message).text
                self.is_new(Declared(act.act, act.about, act.kind, words))

    def is_new(self, declared: Declared) -> bool:
        """Whether it is no repetition. From now on it counts as declared."""
        act, about = declared.act, declared.about
        if about is None:
            return True
        if act == "concede":
            thread = self._thread(about)
            self._said = {each for each in self._said if self._thread(each[1]) != thread}
        elif act == "support":
            self._said = {each for each in self._said if each[1] != about}
        elif act in ("attack", "qualify"):
            said = (act, about, plain(declared.text))
            if said in self._said:
                return False
            self._said.add(said)
        return True

    def _thread(self, message: str) -> str:
        """The message with which its line of answers begins."""
        return self._threads.get(message, message)


def _sound(declared: Declared, seat: str, shown: dict[str, str]) -> bool:
    """Whether what is declared is this seat's to do. A claim has to say something; what is done with a
    message is done in whatever words."""
    if declared.act == "claim":
        return bool(plain(declared.text))
    if declared.act is None or declared.about not in shown:
        return False
    return (shown[declared.about] == seat) == (declared.act == "hold")


def _act(seen: Transcript, message: Turn, declared: Declared, place: int) -> Act:
    assert declared.act is not None, "only a known act is sound"
    return Act(
        step=seen.place.step,
        order=place,
        id=seen.next_id("A", place),
        seat=message.seat,
        round=message.round,
        act=declared.act,
        message=message.id,
        about=None if declared.act == "claim" else declared.about,
        kind=declared.kind if declared.act == "attack" else None,
    )
