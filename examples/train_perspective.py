"""Train the adapter that makes a small model follow a declared perspective, and measure what it is worth.

    python examples/train_perspective.py build DATA --to examples.jsonl
    python examples/train_perspective.py train examples.jsonl --base MODEL --to ADAPTER
    python examples/train_perspective.py evaluate DATA --base MODEL --adapter ADAPTER

DATA is a folder of evaluation files with the training collections in its folder `train/`.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import train_perspective_data as data
import train_perspective_layout as layout
from train_perspective_data import Claim, Question
from train_perspective_scores import evaluate

from folkmoot.pool.training import Example, LoraSettings, Step, read_examples, train, write_examples

STANCE, TEXT = 1.0, 0.03  # what one token counts: the option is one token among many


class Builder:
    """Makes examples from claims, with one dice for everything."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def claim_groups(self, claim: Claim, times: int) -> Iterator[Example]:
        """Yield examples for a claim under `times` different questions."""
        for time in range(times):
            yield from self._group(claim, f"{claim.source}:{data.plain(claim.text)}:{time}")

    def _group(self, claim: Claim, group: str) -> Iterator[Example]:
        dice = self.dice
        question = data.question_of(claim.text, dice)
        opening = f"Question: {question.text}\n"
        heard, told = self._messages(claim, question) if dice.random() < 0.25 else ("", [])
        balanced = bool(claim.sides[True] and claim.sides[False])
        for side in (True, False):
            pool = [text for text in claim.sides[side] if text not in told] or claim.sides[side]
            own = dice.sample(pool, min(len(pool), 2 if balanced else 1))
            if not own and dice.random() < 0.6:
                own = [self._plain_stance(claim.text, side)]
            for argument in own:
                yield from self._seat(
                    claim, question, opening + heard, argument, side, group, len(told)
                )

    def _plain_stance(self, claim: str, side: bool) -> str:
        said = data.lower_first(claim)
        frames = (
            ("I am convinced that {}.", "Everything I know tells me that {}.")
            if side
            else (
                "I do not think that {}.",
                "I reject the idea that {}.",
                "It is wrong to say that {}.",
            )
        )
        return self.dice.choice(frames).format(said)

    def _messages(self, claim: Claim, question: Question) -> tuple[str, list[str]]:
        pool = [(text, side) for side in (True, False) for text in claim.sides[side]]
        chosen = self.dice.sample(pool, min(len(pool), self.dice.choice((1, 2, 2, 3))))
        start = self.dice.randint(1, 6)
        shown = (
            layout.message_text(start + place, text, question.first if side else question.second)
            for place, (text, side) in enumerate(chosen)
        )
        return "".join(shown), [text for text, _ in chosen]

    def _seat(
        self,
        claim: Claim,
        question: Question,
        opening: str,
        argument: str,
        side: bool,
        group: str,
        heard: int,
    ) -> Iterator[Example]:
        dice = self.dice
        mates = [text for text in claim.sides[side] if text != argument]
        start = opening + self._perspective(claim.text, argument, mates, side)
        option = question.first if side else question.second
        options = [question.first, question.second]
        dice.shuffle(options)
        asked = start + layout.choice_task(options)
        yield self._example(asked, "Answer:", f" {option}\nReason:", group, STANCE)
        reason = self._reason(argument, mates)
        if reason and dice.random() < 0.7:
            yield self._example(
                asked, f"Answer: {option}\nReason:", f" {reason}", group, TEXT, closes=True
            )
        if reason and dice.random() < 0.15:
            yield self._example(
                start + layout.OPEN_TASK, "Answer:", f" {reason}", group, TEXT, closes=True
            )
        others = [text for text in claim.sides[not side] if text != argument]
        if (mates or others) and dice.random() < 0.22:
            agrees = bool(mates) and (not others or dice.random() < 0.5)
            task = layout.judge_task(
                heard + dice.randint(1, 9), dice.choice(mates if agrees else others)
            )
            yield self._example(
                start + task,
                "Answer:",
                " agree" if agrees else " disagree",
                group,
                STANCE,
                closes=True,
            )
        if mates and others and dice.random() < 0.15:
            listed = [
                dice.choice(mates),
                *dice.sample(others, min(len(others), dice.choice((1, 1, 2, 3)))),
            ]
            right = listed[0]
            dice.shuffle(listed)
            yield self._example(
                start + layout.letter_task(listed),
                "Answer:",
                " " + "ABCD"[listed.index(right)],
                group,
                STANCE,
                closes=True,
            )

    def _perspective(self, claim: str, argument: str, mates: list[str], side: bool) -> str:
        dice = self.dice
        labels = data.values_in(argument)
        if labels and dice.random() < 0.12:
            return layout.perspective_text(
                dice.choice(
                    ("I judge by what I value.", "Decide by your values.", "My values come first.")
                ),
                labels[:3],
            )
        statement = data.statement_of(argument, mates, dice)
        noise = dice.sample(list(data.VALUE_WORDS), dice.choice((1, 2, 2, 3)))
        values = (labels[:3] or noise) if dice.random() < 0.12 else ()
        lines: tuple[str, ...] = ()
        if claim.lower().startswith("we should ") and dice.random() < 0.1:
            lines = (("a refusal to " if side else "a decision to ") + claim[10:],)
        return layout.perspective_text(statement, values, lines)

    def _reason(self, argument: str, mates: list[str]) -> str | None:
        """Pick, of a few arguments of the same side, the one nearest to the perspective that does not repeat it."""
        own = data.content(argument)
        drawn = self.dice.sample(mates, min(len(mates), 5))
        rated = sorted(
            (data.likeness(own, data.content(text)), text)
            for text in drawn
            if len(text.split()) <= 32
        )
        fitting = [text for share, text in rated if share < 0.75]
        return fitting[-1] if fitting else None

    def warrant(
        self, conclusion: str, argument: str, warrant: str, fits: bool, group: str
    ) -> Example:
        """Make a claim to judge from a warrant that carries an argument or turns it over."""
        start = (
            f"Question: {data.question_of(conclusion, self.dice).text}\n"
            + layout.perspective_text(argument)
        )
        task = layout.judge_task(self.dice.randint(1, 9), warrant)
        return self._example(
            start + task, "Answer:", " agree" if fits else " disagree", group, STANCE, closes=True
        )

    def _example(
        self, user: str, prefix: str, target: str, group: str, weight: float, closes: bool = False
    ) -> Example:
        return Example(
            system=layout.SYSTEM,
            user=user,
            prefix=prefix,
            target=target,
            group=group,
            weight=weight,
            closes=closes,
        )


def build(folder: Path, seed: int, rounds: int) -> tuple[Example, ...]:
    """Build the training examples, groups in a drawn order.

    Args:
        folder: Evaluation files, with the training collections in `train/`.
        seed: Of everything that is drawn.
        rounds: How often a claim with arguments on both sides is asked; others are asked once.
    """
    maker = Builder(seed)
    made: list[Example] = []
    for claim in data.claims(folder / "train", folder):
        both = min(len(claim.sides[True]), len(claim.sides[False]))
        made.extend(maker.claim_groups(claim, min(rounds, 1 + both) if both else 1))
    pairs = data.warrants(folder / "train", folder)
    maker.dice.shuffle(pairs)
    made.extend(maker.warrant(*pair, group=f"arct:{data.plain(pair[1])}") for pair in pairs[:250])
    return tuple(made)


def report_step(step: Step) -> None:
    """Print one line every ten steps."""
    if step.number % 10 == 0:
        print(
            f"step {step.number} done {step.done:.3f} loss {step.loss:.3f} rate {step.rate:.2e} nodes {step.nodes} {step.elapsed_s:.0f} s",
            flush=True,
        )


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("build", "train", "evaluate"))
    parser.add_argument("source", type=Path, help="the data folder; for train the file of examples")
    parser.add_argument("--to", type=Path)
    parser.add_argument("--base", type=Path)
    parser.add_argument("--adapter", type=Path, help="what to evaluate, or to go on training from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--first-layer", type=int, default=12)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--nodes", type=int, default=640)
    parser.add_argument("--budget", type=float, help="seconds")
    parser.add_argument("--claims", type=int, default=60, help="how many claims of the pair test")
    parser.add_argument(
        "--only",
        nargs="*",
        default=[],
        help="evaluate: names of measurements, such as pairs whole_set judge_a_claim letters stated_values",
    )
    parser.add_argument("--no-base", action="store_true", help="evaluate: leave the bare model out")
    chosen = parser.parse_args()
    if chosen.what == "build":
        count = write_examples(chosen.to, build(chosen.source, chosen.seed, chosen.rounds))
        print(f"{count} examples in {chosen.to}")
    elif chosen.what == "train":
        settings = LoraSettings(
            rank=chosen.rank, alpha=2 * chosen.rank, first_layer=chosen.first_layer, learning_rate=chosen.rate, passes=chosen.passes,
            nodes_per_step=chosen.nodes, budget_s=chosen.budget, seed=chosen.seed,  base_name="HuggingFaceTB/SmolLM2-135M-Instruct",
        )  # fmt: skip
        done = train(
            chosen.base,
            read_examples(chosen.source),
            settings,
            chosen.to,
            report_step,
            chosen.adapter,
        )
        print(done.model_dump_json(exclude={"curve"}))
    else:
        evaluate(
            chosen.source,
            chosen.base,
            chosen.adapter,
            chosen.claims,
            chosen.seed,
            chosen.to,
            chosen.only,
            not chosen.no_base,
        )


if __name__ == "__main__":
    main()
