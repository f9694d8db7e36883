"""Tokens: what a run cost, as controls are held against it."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from folkmoot.records import Outcome
from folkmoot.records.ledger import LedgerLine

Counting = Literal["sent", "computed", "written"]
"""sent: prompts as they were sent, and completions. computed: without what a prefix cache served.
written: completions alone."""


def tokens_of(outcome: Outcome, count: Counting = "sent") -> int | None:
    """The tokens of a run by its ledger, calls that were called off among them.

    Returns:
        None where an engine did not report them: what was not measured is absent. What calls cost
        whose reply was lost when a process died is in no ledger.
    """
    lines = [outcome.ledger.total]
    lines += [outcome.ledger.aborted] if outcome.ledger.aborted is not None else []
    figures = [_figure(line, count) for line in lines]
    known = [figure for figure in figures if figure is not None]
    return sum(known) if len(known) == len(figures) else None


def mean_tokens(outcomes: Iterable[Outcome], count: Counting = "sent") -> float | None:
    """The mean of several runs; None for none, and where one of them is not known."""
    figures = [tokens_of(outcome, count) for outcome in outcomes]
    known = [figure for figure in figures if figure is not None]
    return sum(known) / len(known) if known and len(known) == len(figures) else None


def _figure(line: LedgerLine, count: Counting) -> int | None:
    if count == "written":
        return line.completion
    prompt = line.prompt if count == "sent" else line.computed
    return None if prompt is None or line.completion is None else prompt + line.completion


class Written(NamedTuple):
    """A text that a model wrote."""

    tokens: int
    limit: int
    """The most tokens that it might have had."""
    cut_off: bool


class Lengths(NamedTuple):
    """How long the texts were that models wrote."""

    texts: tuple[Written, ...]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "Lengths":
        """Of all texts of these runs whose tokens are known."""
        return cls(
            tuple(
                Written(
                    reply.usage.completion,
                    outcome.transcript.opening.party(reply.seat).sampling.max_tokens,
                    reply.state == "cut_off",
                )
                for outcome in outcomes
                for reply in outcome.transcript.replies
                if reply.usage is not None
                and reply.logprobs is None
                and reply.vector is None
                and reply.state in ("ok", "empty", "cut_off")
            )
        )

    def mean(self, percent: int = 100) -> float | None:
        """The mean length if the limits were `percent` of what they were; None without any text.

        A text that was cut off goes on to the new limit, one that was not ends where it ended.
        """
        if not self.texts:
            return None
        limits = [each.limit * percent / 100 for each in self.texts]
        lengths = [
            limit if each.cut_off else min(each.tokens, limit)
            for each, limit in zip(self.texts, limits, strict=True)
        ]
        return sum(lengths) / len(lengths)
