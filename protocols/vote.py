"""Vote: seats are asked for ballots of the kind that a rule reads."""

from typing import Any

from folkmoot.agents import reading, voice
from folkmoot.protocols import ballot_paper
from folkmoot.protocols.marks import marks
from folkmoot.protocols.polling import poll
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.rules.found import first_choices
from folkmoot.protocols.stage import Calls, seated
from folkmoot.protocols.table import candidates, most_to_choose
from folkmoot.records import Ballot, Call, Party, Record, Reply, Segment, Transcript
from folkmoot.records.base import Frozen

BLOCK = "block"
"""Purpose of the calls that ask whether an option crosses a seat's red lines."""
_CROSSES = ("yes", "no")


class Vote(Frozen):
    """Each seat casts a ballot over the options, or over the candidates of an open question.

    A small model's ballot is read from the option probabilities in both orders; a seat whose agent
    says `stance="stated"` fills in a ballot of the rule's kind in guided JSON. Where the rule lets
    seats block, one that has declared red lines is asked which options cross them.

    A panel of judges is a vote of these seats; an informed chair a vote of one seat that is shown how
    the others voted, under the rule `dictator`.
    """

    rule: Rule = Rule()
    seats: tuple[str, ...] | None = None
    """Who votes; None for all."""
    informed: bool = False
    """Whether the voter is shown the first choices that stand so far."""
    name: str = "vote"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls a seat or one `generate` call, and two more for each option that a
        weighed seat may block; none where there are fewer than two options."""
        calls = Calls(seen)
        shown = _shown(seen)
        if len(shown) < 2:
            return ()
        for party in seated(seen, self.seats):
            if party.stance == "stated":
                paper = ballot_paper.schema(shown, self.rule.reads, blocks=self._blocks(party))
                task = voice.task(ballot_paper.task(shown, self.rule.reads, self._blocks(party)))
                segments = (*self._before(seen), voice.own(party), task)
                calls.generate(party, "vote", segments, json_schema=paper)
                continue
            for reverse in (False, True):
                laid_out = voice.choice(shown, reverse=reverse)
                asked = voice.task(voice.ask_option(laid_out))
                segments = (*self._before(seen), voice.own(party), asked, voice.opened("Answer:"))
                calls.choose(party, "vote", segments, laid_out.continuations)
            for option in shown if self._blocks(party) else ():
                for reverse in (False, True):
                    laid_out = voice.choice(_CROSSES, reverse=reverse)
                    asked = voice.task(ballot_paper.ask_crossing(option, laid_out))
                    segments = (
                        *self._before(seen),
                        voice.own(party),
                        asked,
                        voice.opened("Answer:"),
                    )
                    calls.choose(party, BLOCK, segments, laid_out.continuations)
        return calls.done()

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if nobody wrote a candidate and there is a choice between messages."""
        return most_to_choose(seen, self.ask)

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A ballot for each seat."""
        options = seen.opening.options or tuple(turn.id for turn in candidates(seen))
        ballots: list[Record] = []
        for order, party in enumerate(seated(seen, self.seats)):
            mine = [reply for reply in replies if reply.seat == party.seat]
            ballots.append(
                Ballot(
                    step=seen.place.step,
                    order=order,
                    id=seen.next_id("b", order),
                    seat=party.seat,
                    round=seen.place.round,
                    options=options,
                    **self._read(party, options, _shown(seen), mine),
                )
            )
        return tuple(ballots)

    def _before(self, seen: Transcript) -> tuple[Segment, ...]:
        """What all voters see: the question and the messages; on an open question its candidates are
        the messages, and stand in the task."""
        heard = () if seen.opening.options is None else seen.spoken()
        common = voice.common(seen.opening.question, heard)
        if not self.informed:
            return common
        options, ballots, _ = poll(seen, self.rule)
        valid = [ballot for ballot in ballots if ballot.state == "valid"]
        tally = tuple(first_choices(valid, options).values())
        said = ballot_paper.so_far(voice.choice(_shown(seen)), tally)
        return (*common, Segment(role="user", text=said, label="tally"))

    def _blocks(self, party: Party) -> bool:
        return self.rule.veto and bool(party.red_lines)

    def _read(
        self, party: Party, options: tuple[str, ...], shown: tuple[str, ...], mine: list[Reply]
    ) -> dict[str, Any]:
        if len(options) < 2:
            return {"state": "valid" if options else "abstained", "ranking": options}
        if party.stance == "stated":
            return ballot_paper.read(mine[0], options, self.rule.reads, blocks=self._blocks(party))
        read = _weighed(options, [each for each in mine if each.purpose != BLOCK])
        fields: dict[str, Any] = {"state": read.state, "scores": read.probabilities}
        if read.choice is not None and read.probabilities is not None:
            fields |= marks(read.probabilities, read.choice, self.rule)
        asked = [each for each in mine if each.purpose == BLOCK]
        if asked:
            crossed = [_weighed(_CROSSES, asked[2 * at : 2 * at + 2]) for at in range(len(options))]
            fields["blocks"] = tuple(
                option
                for option, each in zip(options, crossed, strict=True)
                if each.choice == "yes"
            )
        return fields


def _shown(seen: Transcript) -> tuple[str, ...]:
    return seen.opening.options or tuple(turn.text for turn in candidates(seen))


def _weighed(options: tuple[str, ...], replies: list[Reply]) -> reading.Weighed:
    orders = (voice.choice(options), voice.choice(options, reverse=True))
    return reading.weigh(options, list(zip(orders, replies, strict=True)))
