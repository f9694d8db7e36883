"""Draft and revise: one seat writes an answer for the panel, then mends it by the objections."""

from folkmoot.agents import voice
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.turns import turn
from folkmoot.records import Call, Party, Record, Reply, Transcript, Turn
from folkmoot.records.base import Frozen


class Draft(Frozen):
    """The drafter answers; on a choice question it gives the reason for its own stance."""

    drafter: str | None = None
    """The seat that writes; None for the panel's first."""
    name: str = "draft"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call; none if the drafter's stance could not be read."""
        party = seen.opening.party(author(seen, self.drafter))
        calls = Calls(seen)
        if seen.opening.options is not None and seen.last_stand(author(seen, self.drafter)) is None:
            return ()
        prompt = (*voice.common(seen.opening.question, ()), voice.own(party))
        calls.generate(party, "draft", (*prompt, *_task(seen, party)))
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The draft."""
        stance = seen.last_stand(author(seen, self.drafter))
        answer = stance.choice if stance else None
        return tuple(turn(seen, reply, 0, "draft", answer=answer) for reply in replies)


class Revise(Frozen):
    """The drafter writes its answer anew, having read the objections to it."""

    drafter: str | None = None
    name: str = "revise"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call; none where no objection was raised."""
        standing = latest_draft(seen)
        objections = critiques_of(seen, standing)
        if standing is None or not objections:
            return ()
        party = seen.opening.party(author(seen, self.drafter))
        calls = Calls(seen)
        segments = (
            *voice.common(seen.opening.question, (standing, *objections)),
            voice.own(party),
            voice.task(
                f"{standing.id} is your own answer; the other messages object to it. "
                "Write it anew, meeting the objections that are right. One or two sentences."
            ),
            voice.opened("Answer:"),
        )
        calls.generate(party, "revise", segments, about=standing.id)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The revision; it answers the draft and the objections to it."""
        standing = latest_draft(seen)
        met = tuple(each.id for each in critiques_of(seen, standing))
        return tuple(
            turn(
                seen,
                reply,
                0,
                "revision",
                answer=standing.answer if standing else None,
                replies_to=(*((standing.id,) if standing else ()), *met),
            )
            for reply in replies
        )


def author(seen: Transcript, drafter: str | None) -> str:
    """The drafter's seat: the one named, or the panel's first."""
    return drafter if drafter is not None else seen.opening.seats[0]


def latest_draft(seen: Transcript) -> Turn | None:
    """The draft as it stands; None if there is no text."""
    drafts = [turn for turn in seen.spoken() if turn.role in ("draft", "revision")]
    return drafts[-1] if drafts else None


def critiques_of(seen: Transcript, draft: Turn | None) -> tuple[Turn, ...]:
    """The objections to one draft: the latest of each critic, where a revision failed to come."""
    if draft is None:
        return ()
    raised = [each for each in seen.spoken(role="critique") if draft.id in each.replies_to]
    latest = {each.seat: each.id for each in raised}
    return tuple(each for each in raised if latest[each.seat] == each.id)


def _task(seen: Transcript, party: Party) -> tuple[voice.Segment, ...]:
    options = seen.opening.options
    stance = seen.last_stand(party.seat)
    if options is None or stance is None or stance.choice is None:
        return voice.task(voice.ask_open()), voice.opened("Answer:")
    laid_out = voice.choice(options)
    label = laid_out.labels[laid_out.shown.index(stance.choice)]
    return voice.task(voice.ask_option(laid_out)), voice.opened(f"Answer: {label}\nReason:")
