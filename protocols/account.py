"""Account: every seat that changed its stance says which message moved it, or that none did."""

from folkmoot.agents import reading, voice
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.topology import COMPLETE, Topology, heard
from folkmoot.records import Call, Move, Party, Record, Reply, Stance, Transcript, Turn
from folkmoot.records.base import Frozen

NONE_OF_THEM = "none of them"


class Account(Frozen):
    """A seat that moved chooses, in both orders, among the messages for its new side and "none".

    Moves of seats that state their stance carry their account already. Where there was no message
    for the new side to hear, the move is unexplained without asking.
    """

    topology: Topology = COMPLETE
    name: str = "account"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls for each seat that moved and heard a message for its new side."""
        shown = heard(seen, self.topology)
        calls = Calls(seen)
        for party, _, now in _moved(seen):
            arguments = _arguments(shown[party.seat], now.seat, now.choice)
            self._ask(calls, seen, party, now.choice or "", arguments)
        return calls.done()

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if every seat moved, and all that it heard had argued for its new side."""
        longest = max(seen.opening.options or ("",), key=len)
        shown = heard(seen, self.topology)
        calls = Calls(seen)
        for party in seen.opening.parties:
            if party.stance != "stated":
                self._ask(calls, seen, party, longest, _arguments(shown[party.seat], party.seat))
        return calls.done()

    def _ask(
        self,
        calls: Calls,
        seen: Transcript,
        party: Party,
        choice: str,
        arguments: tuple[Turn, ...],
    ) -> None:
        for reverse in (False, True) if arguments else ():
            laid_out = _options(arguments, reverse=reverse)
            task = (
                f'You now answer "{choice}".\n{voice.options_block(laid_out)}\n'
                "Which of these changed your mind? Answer with the letter."
            )
            segments = (
                *voice.common(seen.opening.question, heard(seen, self.topology)[party.seat]),
                voice.own(party),
                voice.task(task),
                voice.opened("Answer:"),
            )
            calls.choose(party, "account", segments, laid_out.continuations)

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A move for each seat that changed its stance in this round."""
        shown = heard(seen, self.topology)
        moves: list[Record] = []
        for order, (party, before, now) in enumerate(_moved(seen)):
            arguments = _arguments(shown[party.seat], now.seat, now.choice)
            mine = [reply for reply in replies if reply.seat == party.seat]
            cites = _named(arguments, mine)
            moves.append(
                Move(
                    step=seen.place.step,
                    order=order,
                    seat=party.seat,
                    round=seen.place.round,
                    from_choice=before.choice or "",
                    to_choice=now.choice or "",
                    because="argument" if cites else "unexplained",
                    cites=cites,
                )
            )
        return tuple(moves)


def _moved(seen: Transcript) -> list[tuple[Party, Stance, Stance]]:
    moved: list[tuple[Party, Stance, Stance]] = []
    for party in seen.opening.parties:
        valid = [stance for stance in seen.stands(seat=party.seat) if stance.state == "valid"]
        if party.stance == "stated" or len(valid) < 2 or valid[-1].round != seen.place.round:
            continue
        if valid[-1].choice != valid[-2].choice:
            moved.append((party, valid[-2], valid[-1]))
    return moved


def _arguments(shown: tuple[Turn, ...], seat: str, choice: str | None = None) -> tuple[Turn, ...]:
    """The others' messages for a side, or for any: the latest of each speaker."""
    latest = {
        turn.seat: turn
        for turn in shown
        if turn.seat != seat and (choice is None or turn.answer == choice)
    }
    return tuple(sorted(latest.values(), key=lambda turn: turn.order + turn.step * 1000))[:8]


def _options(arguments: tuple[Turn, ...], *, reverse: bool) -> voice.Choice:
    return voice.choice([*(turn.text for turn in arguments), NONE_OF_THEM], reverse=reverse)


def _named(arguments: tuple[Turn, ...], replies: list[Reply]) -> tuple[str, ...]:
    if not arguments or len(replies) != 2:
        return ()
    # By position, not by text: two seats may have said the same words.
    places = tuple(str(index) for index in range(len(arguments) + 1))
    orders = (voice.choice(places), voice.choice(places, reverse=True))
    read = reading.weigh(places, list(zip(orders, replies, strict=True)))
    if read.choice is None or int(read.choice) == len(arguments):
        return ()
    return (arguments[int(read.choice)].id,)
