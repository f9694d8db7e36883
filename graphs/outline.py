"""A protocol as indented text, and what it costs at most."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from folkmoot.graphs.drawing import rounds
from folkmoot.graphs.dry import WorstCase
from folkmoot.graphs.listening import Listening
from folkmoot.graphs.sketch import Box, Fork, Frame, Node
from folkmoot.pool import Pool

_LETTERS = 4
"""Letters of a token, in an estimate."""


class Cost(NamedTuple):
    """What a run costs at most."""

    calls: int
    tokens: int
    """Prompts and replies."""
    exact: bool
    """Whether the pool's own tokenizers counted; else a token for every four letters."""
    stages: dict[str, int]
    """Stage → calls."""

    def line(self) -> str:
        """In words."""
        how = (
            "" if self.exact else f" (an estimate: a token for every {_LETTERS} letters of prompt)"
        )
        return f"at most {self.calls:,} calls, {self.tokens:,} tokens{how}"


def estimated(worst: WorstCase) -> Cost:
    """The cost with no model at hand."""
    tokens = sum(
        -(-sum(len(segment.text) for segment in call.segments) // _LETTERS)
        + call.sampling.max_tokens
        for call in worst.calls
    )
    return Cost(len(worst.calls), tokens, False, _by_stage(worst))


async def counted(worst: WorstCase, pool: Pool) -> Cost:
    """The cost as the models' tokenizers count it. Needs an open pool."""
    counts = [
        await pool.count(call.model, call.segments) + call.sampling.max_tokens
        for call in worst.calls
    ]
    return Cost(len(worst.calls), sum(counts), True, _by_stage(worst))


def outline(boxes: Sequence[Box], depth: int = 0) -> Iterator[str]:
    """The parts, a line each."""
    space = "  " * depth
    for box in boxes:
        match box:
            case Node():
                yield f"{space}{box.name}" + (f" ({box.detail})" if box.detail else "")
            case Frame():
                kind = "group " if box.kind == "group" else "repeat "
                yield f"{space}{kind}{box.title}"
                yield from outline(box.body, depth + 1)
            case Fork():
                if box.title:
                    yield f"{space}gate {box.title}"
                else:
                    yield f"{space}side by side"
                for label, body in box.ways:
                    if label:
                        yield f"{space}  {label}" + ("" if body else ": nothing")
                    yield from outline(body, depth + (2 if label else 1))


def hearing(heard: Sequence[Listening], seats: Sequence[str]) -> Iterator[str]:
    """Who hears whom, a line for each kind of round, or one for each reader."""
    for each in heard:
        caption = f"{rounds(each.rounds)}, {', '.join(each.stages)}: "
        readers = [seat for seat in seats if seat in each.heard]
        if not any(each.heard.values()):
            yield f"{caption}nobody hears anybody"
        elif len(readers) > 1 and all(
            each.heard[seat] == frozenset(seats) - {seat} for seat in readers
        ):
            yield f"{caption}everybody who is asked hears everybody else"
        else:
            yield caption.rstrip()
            for seat in readers:
                others = [other for other in seats if other in each.heard[seat]]
                yield f"  {seat} hears {', '.join(others) or 'nobody'}"


def _by_stage(worst: WorstCase) -> dict[str, int]:
    return dict(Counter(call.stage for call in worst.calls))
