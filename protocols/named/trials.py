"""Recipes: claims are put to the test: cross-examined, refuted, contradicted, gathered on a board."""

from collections import Counter

from pydantic import Field, field_validator

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
from folkmoot.protocols.parts import Part
from folkmoot.protocols.pick import Pick, picked
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
    """A proposal stands unless at least m other seats refute it (open-multi-agent, issue 275).

    All answer blind, all refute, and all judge every first answer by itself, the refutations beside
    it. Who disagrees with everything that others said for an option, and did not propose it, is one of
    its refuters. The rule counts among the options that stand.
    """

    name: str = Field(default="refute-to-survive", frozen=True)
    version: str = Field(default="1", frozen=True)
    refuters: int | None = Field(default=None, ge=1)
    """m: so many refuters put an option out; None for more than half of the other seats."""
    rule: RuleOf = Rule(name="approval")

    @field_validator("rule")
    @classmethod
    def _only_counts(cls, rule: Rule) -> Rule:
        if rule.strikes:
            raise ValueError(
                "here refuters put an option out: the rule has neither veto nor refuters"
            )
        return rule

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        refute = Say(
            task=_REFUTE, opened="Refutation:", hearing=_NOW, role="critique", name="refute"
        )
        body: tuple[Part, ...] = (refute, Judge(hearing=_NOW))
        if not setting.open_question:
            body = (*body, *exchange(setting, _NOW))
        bar = self.refuters or (len(setting.seats) - 1) // 2 + 1
        rule = Rule.model_validate({**dict(self.rule), "refuters": bar})
        return (*blind(setting), *rounds(1, body), *ending(setting, Decide(rule=rule)))

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        others = len(seats) - 1
        few = f"{self.refuters} seats are to refute an answer, and it has {others} others to hear"
        return (*lonely("refuted", seats), *((few,) if (self.refuters or 1) > others > 0 else ()))


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
    """All read one board, and a scheduler picks whose turn it is to write on it (after the blackboard of
    MoCo, and Erman et al., ACM Computing Surveys 12(2), 1980).

    In every round one seat acts: it takes its stance anew and says why. It ends once all agree.
    """

    name: str = Field(default="blackboard", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=6, ge=1, le=60)
    scheduler: str | None = None
    """Who picks; None for the panel's first seat. It may pick itself."""
    rule: RuleOf = Rule()

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        pick = Pick(seat=self.scheduler or setting.seats[0], among=setting.seats)
        body = (pick, *picked(exchange(setting), setting.seats))
        again = rounds(self.rounds, body, Settled(or_still=False))
        return (*blind(setting), *again, *ending(setting, Decide(rule=self.rule)))

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return absent("scheduler", self.scheduler, seats)


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
