"""Judge: every seat says whether it agrees with each claim on the table, its own among them."""

from folkmoot.agents import voice
from folkmoot.protocols.hearing import Heard, Hearing, filterings, hears
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.table import Which, claims
from folkmoot.protocols.weighed import weighed
from folkmoot.records import Call, Record, Reply, Transcript
from folkmoot.records.base import Frozen


class Judge(Frozen):
    """Each seat weighs agree and disagree, in both orders, on each claim.

    Claims are anonymous and a seat judges its own words like any other's: four seats that think
    alike then judge alike.
    """

    which: Which = "first"
    """What is on the table: the first round's messages, the latest of each seat, or the candidate
    that leads."""
    hearing: Hearing | None = None
    """What a seat is shown beside the claim; None: nothing."""
    name: str = "judge"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls for each seat and claim."""
        return self._calls(seen, self.hearing)

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The same calls where nothing is held back."""
        return self._calls(seen, None if self.hearing is None else self.hearing.widest)

    def _calls(self, seen: Transcript, hearing: Hearing | None) -> tuple[Call, ...]:
        calls, question = Calls(seen), seen.opening.question
        shown = dict.fromkeys(seen.opening.seats, Heard())
        if hearing is not None:
            shown = hears(seen, hearing)
        for claim in claims(seen, self.which):
            for party in seen.opening.parties:
                for reverse in (False, True):
                    laid_out = voice.choice(voice.AGREEMENT, reverse=reverse)
                    segments = (
                        *shown[party.seat].common(question),
                        voice.own(party),
                        voice.task(voice.ask_agreement(claim, laid_out)),
                        voice.opened("Answer:"),
                    )
                    calls.choose(party, "judge", segments, laid_out.continuations, about=claim.id)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A stance for each seat on each claim."""
        asked = [
            (claim, party) for claim in claims(seen, self.which) for party in seen.opening.parties
        ]
        records: list[Record] = []
        if self.hearing is not None and asked:
            records += filterings(hears(seen, self.hearing), seen.opening.seats)
        for order, (claim, party) in enumerate(asked):
            mine = replies[2 * order : 2 * order + 2]
            records.append(weighed(seen, party.seat, voice.AGREEMENT, mine, claim.id, order))
        return tuple(records)
