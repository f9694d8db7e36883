"""Estimate: what a control would cost on a question, from a walk without a model."""

from folkmoot.eval.controls import Rung
from folkmoot.eval.tokens import Counting, Lengths
from folkmoot.graphs import worst_case
from folkmoot.graphs.rehearsal import dry_opening
from folkmoot.pool import Pool
from folkmoot.records import Call


class Estimate:
    """What controls would cost on one question.

    The walk that bounds a protocol before it runs, with replies as long as the protocol's own were on
    average. Repetitions run to their bound and everybody moves, so a protocol that ends early costs
    less: by which factor is learnt from the questions that were run.

    Args:
        pool: counts tokens; it has to be open.
        lengths: of the texts that were written.
        count: which tokens count. What a prefix cache will serve is not foretold.
        question: as it is asked.
        options: its answers to choose from.
        seed: of the run.
    """

    def __init__(
        self,
        pool: Pool,
        lengths: Lengths,
        count: Counting,
        question: str,
        options: tuple[str, ...] | None,
        seed: int,
    ) -> None:
        self._pool, self._lengths, self._count = pool, lengths, count
        self._opening = {"question": question, "seed": seed}
        self._options = options
        self._prompts: dict[tuple[str, str, str, int], int] = {}

    async def tokens(self, rung: Rung) -> float:
        """Of a control at one size."""
        written = self._lengths.mean(rung.percent)
        if written is None:
            limits = [agent.sampling.max_tokens for agent in rung.panel]
            written = sum(limits) / len(limits)
        panel = rung.panel.with_max_tokens(max(1, round(written)))
        opening = dry_opening(panel, self._options).model_copy(update=self._opening)
        found = 0.0
        for call in worst_case(rung.protocol, opening).calls:
            found += written if call.op == "generate" else 0
            found += 0 if self._count == "written" else await self._prompt(call)
        return found

    async def _prompt(self, call: Call) -> int:
        """Tokens of a prompt. Those of a stage that are as long in letters differ in ids at most, and
        are counted once: a tokenizer may be far away."""
        letters = sum(len(segment.text) for segment in call.segments)
        key = (call.model, call.stage, call.op, letters)
        if key not in self._prompts:
            self._prompts[key] = await self._pool.count(call.model, call.segments)
        return self._prompts[key]
