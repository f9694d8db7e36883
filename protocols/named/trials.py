"""Recipes: claims are put to the test: cross-examined, refuted, contradicted, gathered on a board."""

from collections import Counter

from pydantic import Field

from folkmoot.protocols.account import Account
from folkmoot.protocols.adopt import Adopt
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.critique import Accepted, Verdict
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.draft import Draft
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.judge import Judge
from folkmoot.protocols.named.library import (
    HEARING,
    Library,
    RuleOf,
    absent,
    blind,
    ending,
    exchange,
    lonely,
    rounds,
)
from folkmoot.protocols.order import in_turn
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.say import Say
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import Settled
from folkmoot.records import Party, Transcript

_NOW = Hearing(same_round=True)


class CrossExamination(Library):
    """The others question the author of an answer until they accept it (Cohen et al., arXiv 2305.13281).

    After every examination each examiner gives its verdict anew, having heard questions and replies.
    On a choice question all seats then take a stance again, and these stances decide.
    """

    name: str = Field(default="cross-examination", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=3, ge=1, le=20)
    author: str | None = None
    """Whose answer is examined; None for the panel's first seat."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        author = self.author or setting.seats[0]
        others = tuple(seat for seat in setting.seats if seat != author)
        ask = Say(task=_EXAMINE, seats=others, opened="Question:", hearing=_NOW, name="examine")
        reply = Say(task=_REPLY, seats=(author,), hearing=_NOW, name="reply")
        heard = Verdict(drafter=author, hearing=_NOW, again=True)
        again = rounds(self.rounds, (ask, reply, heard), Accepted())
        examined = (Draft(drafter=author), Verdict(drafter=author), *again)
        if setting.open_question:
            return (*examined, Contest(), Adopt(drafter=author), Conclude())
        after = rounds(1, (Stand(hearing=HEARING), Account(hearing=HEARING)))
        return (Stand(), *examined, *after, Contest(), Decide(rule=Rule()), Conclude())

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return (*lonely("examined", seats), *absent("author", self.author, seats))


class RefuteToSurvive(Library):
    """Every answer is refuted, judged by all, and approved of or not by seats that heard the refutations.

    After a proposal that answers stand unless m seats refute them: here approval decides instead of
    that bar (on an open question a ranking).
    """

    name: str = Field(default="refute-to-survive", frozen=True)
    version: str = Field(default="1", frozen=True)
    rule: RuleOf = Rule(name="approval")

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        refute = Say(
            task=_REFUTE, opened="Refutation:", hearing=_NOW, role="critique", name="refute"
        )
        body: tuple[Part, ...] = (
            (refute,) if setting.open_question else (refute, *exchange(setting, _NOW))
        )
        judge = Judge(which="latest" if setting.open_question else "first")
        return (*blind(setting), *rounds(1, body), judge, *ending(setting, Decide(rule=self.rule)))


class DevilsAdvocate(Library):
    """One seat must argue against the majority of the moment, then all stand again (Schwenk, 1990)."""

    name: str = Field(default="devils-advocate", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=1, ge=1, le=20)
    advocate: str | None = None
    """Who contradicts; None for the panel's first seat."""
    rule: RuleOf = Rule()

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        devil = (self.advocate or setting.seats[0],)
        against = Say(task=_against, seats=devil, hearing=_NOW, name="contradict")
        body = (against, *exchange(setting, _NOW))
        again = rounds(self.rounds, body, Settled(or_still=False))
        return (*blind(setting), *again, *ending(setting, Decide(rule=self.rule)))

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return (*lonely("contradicted", seats), *absent("advocate", self.advocate, seats))


class Blackboard(Library):
    """Seats act in turn on one board that all read, in an order that changes every round (after the
    blackboard of MoCo, and Erman et al., ACM Computing Surveys 12(2), 1980)."""

    name: str = Field(default="blackboard", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=2, ge=1, le=20)
    rule: RuleOf = Rule()

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        body = in_turn(exchange(setting), setting, "shuffled")
        again = rounds(self.rounds, body, Settled())
        return (*blind(setting), *again, *ending(setting, Decide(rule=self.rule)))


_EXAMINE = (
    "Ask the author of the first message the one question whose answer would show best whether it is "
    "right. One sentence."
)
_REPLY = "Answer the questions that were just asked about your first message. One or two sentences."
_REFUTE = "Refute the message above that is most wrong, or say that none is. One sentence."


def _against(seen: Transcript, party: Party) -> str:
    """The advocate's task: against what most seats hold now, or against the last message."""
    held = Counter(s.choice for seat in seen.opening.seats if (s := seen.last_stand(seat)))
    said = "the messages above"
    if held and seen.opening.options is not None:
        said = f'the answer "{max(seen.opening.options, key=lambda option: held[option])}"'
    return (
        f"Argue as strongly as you can against {said}, whatever you hold yourself. Two sentences."
    )
