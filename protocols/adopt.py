"""Adopt: on an open question, the panel takes the draft as its answer or does not."""

from collections.abc import Sequence

from folkmoot.protocols.draft import author, latest_draft
from folkmoot.protocols.forcing import unforced
from folkmoot.protocols.settle import settlements
from folkmoot.records import Ballot, Call, Decision, Record, Reply, Transcript
from folkmoot.records.base import Frozen

ACCEPTANCE = "acceptance"
"""The name of the rule under which a draft is adopted."""

_AGAINST = "none"


class Adopt(Frozen):
    """The draft is adopted if more than half of the valid verdicts accept it, its author's included.

    Otherwise the panel is in deadlock, and the answer sets out the draft and the objections.
    """

    drafter: str | None = None
    forced: bool | None = None
    """Whether a draft that somebody rejects can be adopted; None: not on a question of values."""
    name: str = "adopt"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """No calls: the verdicts are on record."""
        return ()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A ballot for each verdict, the decision, and what it did to each conflict."""
        draft = latest_draft(seen)
        ballots = self._ballots(seen, draft.id) if draft else ()
        decision = accepted(seen, draft.id if draft else None, ballots, self.forced)
        return (*ballots, decision, *settlements(seen, decision, ballots))

    def _ballots(self, seen: Transcript, draft: str) -> tuple[Ballot, ...]:
        verdicts = {stance.seat: stance for stance in seen.stands(draft)}
        ballots: list[Ballot] = []
        for seat in seen.opening.seats:
            verdict = verdicts.get(seat)
            if seat == author(seen, self.drafter):
                state, ranking = "valid", (draft,)
            elif verdict is None:
                continue
            else:
                state = verdict.state
                ranking = () if verdict.choice is None else (draft,)
                if verdict.choice == "reject":
                    ranking = (_AGAINST,)
            ballots.append(
                Ballot(
                    step=seen.place.step,
                    order=len(ballots),
                    id=seen.next_id("b", len(ballots)),
                    seat=seat,
                    round=seen.place.round,
                    options=(draft, _AGAINST),
                    state=state,
                    ranking=ranking,
                )
            )
        return tuple(ballots)


def accepted(
    seen: Transcript, draft: str | None, ballots: Sequence[Ballot], forced: bool | None
) -> Decision:
    """Whether verdicts adopt a draft.

    Args:
        seen: where it is decided.
        draft: the id of its message; None where nobody wrote one.
        ballots: a verdict each.
        forced: as for `Adopt`.
    """
    valid = [ballot for ballot in ballots if ballot.state == "valid"]
    votes = sum(ballot.ranking[0] != _AGAINST for ballot in valid)
    adopted = draft is not None and votes * 2 > len(valid)
    decision = Decision(
        step=seen.place.step,
        order=0,
        status="decided" if adopted else "deadlock",
        rule=ACCEPTANCE,
        options=(draft,) if draft else (),
        winner=draft if adopted else None,
        tally={draft: float(votes), _AGAINST: float(len(valid) - votes)} if draft else {},
        ballots=tuple(ballot.id for ballot in ballots),
        not_valid={b.seat: b.state for b in ballots if b.state != "valid"},
        margin=float(2 * votes - len(valid)),
        reason=f"acceptance, {votes} of {len(valid)} valid verdicts accept the draft",
    )
    against = [ballot.seat for ballot in valid if ballot.ranking[0] == _AGAINST]
    return unforced(seen, decision, forced, against)
