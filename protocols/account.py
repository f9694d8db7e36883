"""Account: every seat that changed its stance says which message moved it, or that none did."""

from folkmoot.agents import reading, voice
from folkmoot.protocols.hearing import Heard, Hearing, HearingOf, filterings, hears
from folkmoot.protocols.stage import Calls, seated
from folkmoot.records import Call, Move, Party, Record, Reply, Stance, Transcript
from folkmoot.records.base import Frozen

NONE_OF_THEM = "none of them"


class Account(Frozen):
    """A seat that moved chooses, in both orders, among the messages for its new side and "none".

    What it names is the reason that it declares: argument, or unexplained. Account comes before the
    seat speaks again; its own words are read when conflicts are drawn up (`reasons.reason_of`), and
    that audited reason stands in the conflict's history.

    Moves of seats that state their stance carry their account already. Where there was no message for
    the new side to hear, the move is unexplained without asking.
    """

    hearing: HearingOf = Hearing()
    """What each seat is shown; a message for its new side counts only where it is."""
    seats: tuple[str, ...] | None = None
    """Who gives account; None for all."""
    name: str = "account"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls for each seat that moved and heard a message for its new side."""
        heard = hears(seen, self.hearing)
        calls = Calls(seen)
        for party, _, now in self._moved(seen):
            shown = heard[party.seat]
            arguments = self._arguments(shown, now.seat, now.choice)
            _ask(calls, seen, shown, party, now.choice or "", arguments)
        return calls.done()

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if every seat moved, and all that it heard had argued for its new side."""
        longest = max(seen.opening.options or ("",), key=len)
        heard = hears(seen, self.hearing.widest)
        calls = Calls(seen)
        for party in seated(seen, self.seats):
            if party.stance != "stated":
                shown = heard[party.seat]
                _ask(calls, seen, shown, party, longest, self._arguments(shown, party.seat))
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A move for each seat that changed its stance in this round."""
        heard = hears(seen, self.hearing)
        asked = dict.fromkeys(reply.seat for reply in replies)
        moves: list[Record] = [*filterings(heard, asked)]
        for order, (party, before, now) in enumerate(self._moved(seen)):
            arguments = self._arguments(heard[party.seat], now.seat, now.choice)
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

    def _moved(self, seen: Transcript) -> list[tuple[Party, Stance, Stance]]:
        moved: list[tuple[Party, Stance, Stance]] = []
        for party in seated(seen, self.seats):
            valid = [stance for stance in seen.stands(seat=party.seat) if stance.state == "valid"]
            if party.stance == "stated" or len(valid) < 2 or valid[-1].round != seen.place.round:
                continue
            if valid[-1].choice != valid[-2].choice:
                moved.append((party, valid[-2], valid[-1]))
        return moved

    def _arguments(
        self, shown: Heard, seat: str, choice: str | None = None
    ) -> tuple[voice.Message, ...]:
        """The others' messages for a side, or for any: the latest of each speaker.

        Where answers are not shown, what is for which side is not known to the seat: all of them. A
        summary gives more than one side, and is among them for each.
        """
        side = choice if self.hearing.visibility.answer else None
        latest = {
            turn.seat: (turn, message)
            for turn, message in zip(shown.turns, shown.messages, strict=True)
            if turn.seat != seat and (side is None or turn.answer == side or turn.role == "summary")
        }
        found = sorted(latest.values(), key=lambda each: each[0].order + each[0].step * 1000)
        return tuple(message for _, message in found)[:8]


def _ask(
    calls: Calls,
    seen: Transcript,
    shown: Heard,
    party: Party,
    choice: str,
    arguments: tuple[voice.Message, ...],
) -> None:
    for reverse in (False, True) if arguments else ():
        laid_out = _options(arguments, reverse=reverse)
        task = (
            f'You now answer "{choice}".\n{voice.options_block(laid_out)}\n'
            "Which of these changed your mind? Answer with the letter."
        )
        segments = (
            *shown.common(seen.opening.question),
            voice.own(party),
            voice.task(task),
            voice.opened("Answer:"),
        )
        calls.choose(party, "account", segments, laid_out.continuations)


def _options(arguments: tuple[voice.Message, ...], *, reverse: bool) -> voice.Choice:
    # A message of which no text is shown goes by its id.
    said = [f"message {each.id}" if each.text is None else each.text for each in arguments]
    return voice.choice([*said, NONE_OF_THEM], reverse=reverse)


def _named(arguments: tuple[voice.Message, ...], replies: list[Reply]) -> tuple[str, ...]:
    if not arguments or len(replies) != 2:
        return ()
    # By position, not by text: two seats may have said the same words.
    places = tuple(str(index) for index in range(len(arguments) + 1))
    orders = (voice.choice(places), voice.choice(places, reverse=True))
    read = reading.weigh(places, list(zip(orders, replies, strict=True)))
    if read.choice is None or int(read.choice) == len(arguments):
        return ()
    return (arguments[int(read.choice)].id,)
