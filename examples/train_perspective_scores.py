"""Measure how far a model follows a declared perspective, on claims it was not trained on."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import train_perspective_data as data
import train_perspective_layout as layout
from peft import PeftModel
from train_perspective_statistics import area, macro_f1, mean, share
from transformers import AutoModelForCausalLM, AutoTokenizer

from folkmoot.pool.training import Example, log_likelihoods


@dataclass(frozen=True)
class Seat:
    """One question to one perspective, and what that perspective stands for."""

    claim: str
    perspective: str
    supports: bool
    heard: str = ""


class Judge:
    """A model with its tokenizer, asked for the probability of options."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.known: dict[Seat, float] = {}

    def options(self, asked: Sequence[tuple[str, Sequence[str]]]) -> list[list[float]]:
        """Return, for each user message, the probabilities of its options after `Answer:`."""
        examples = [
            Example(system=layout.SYSTEM, user=user, prefix="Answer:", target=f" {option}")
            for user, options in asked
            for option in options
        ]
        logs = iter(log_likelihoods(self.model, self.tokenizer, examples))
        return [
            torch.softmax(torch.tensor([next(logs) for _ in options]), dim=0).tolist()
            for _, options in asked
        ]

    def support(self, seats: Sequence[Seat]) -> list[float]:
        """Return each seat's probability of the option that supports the claim, averaged over both orders of the options."""
        new = [seat for seat in dict.fromkeys(seats) if seat not in self.known]
        asked = []
        for seat in new:
            question = data.plain_question_of(seat.claim)
            for options in (
                (question.first, question.second),
                (question.second, question.first),
            ):
                user = f"Question: {question.text}\n{seat.heard}{seat.perspective}{layout.choice_task(options)}"
                asked.append((user, (question.first, question.second)))
        chances = [chance[0] for chance in self.options(asked)]
        for seat, one, other in zip(new, chances[::2], chances[1::2], strict=True):
            self.known[seat] = (one + other) / 2
        return [self.known[seat] for seat in seats]

    def reason(self, seat: Seat, tokens: int = 48) -> tuple[str, str]:
        """Return the option a seat leans to and the reason it writes, without sampling."""
        question = data.plain_question_of(seat.claim)
        option = question.first if self.support([seat])[0] > 0.5 else question.second
        user = f"Question: {question.text}\n{seat.perspective}{layout.choice_task(('yes', 'no'))}"
        turns = [{"role": "system", "content": layout.SYSTEM}, {"role": "user", "content": user}]
        text = (
            self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
            + f"Answer: {option}\nReason:"
        )
        given = self.tokenizer(text, return_tensors="pt", add_special_tokens=False)
        out = self.model.generate(
            **given,
            max_new_tokens=tokens,
            do_sample=False,
            pad_token_id=self.tokenizer.eos_token_id,
        )
        return option, self.tokenizer.decode(
            out[0][given["input_ids"].shape[1] :], skip_special_tokens=True
        ).strip()


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").strip().split("\n")]


def _sides(folder: Path) -> dict[str, dict[bool, list[str]]]:
    sides: dict[str, dict[bool, list[str]]] = defaultdict(lambda: {True: [], False: []})
    for row in _rows(folder / "share-alike" / "perspectrum_stance.jsonl"):
        sides[row["text_a"]][row["label"] == "support"].append(data.tidy(row["text_b"]))
    return sides


def _pairs(
    sides: dict[str, dict[bool, list[str]]], count: int, seed: int, heard: bool = False
) -> list[Seat]:
    """Draw `count` claims with both sides, and for each a supporting and then an opposing seat."""
    dice = random.Random(seed)
    both = sorted(claim for claim, found in sides.items() if found[True] and found[False])
    seats = []
    for claim in dice.sample(both, min(count, len(both))):
        drawn = {side: dice.choice(sides[claim][side]) for side in (True, False)}
        question = data.plain_question_of(claim)
        told = ""
        if heard:
            shown = [
                (dice.choice(sides[claim][side]), question.first if side else question.second)
                for side in (True, False)
            ]
            told = "".join(
                layout.message_text(number, *message)
                for number, message in enumerate(shown, start=1)
            )
        seats.extend(
            Seat(claim, layout.perspective_text(drawn[side]), side, told) for side in (True, False)
        )
    return seats


def pair_scores(judge: Judge, seats: Sequence[Seat]) -> dict[str, Any]:
    """Score supporting against opposing seats of the same question.

    With stances sampled from the option probabilities p and q of the two seats, a seat's stance changes with probability
    p(1-q) + q(1-p) when the perspectives are exchanged, and with 2p(1-p) when it is merely drawn again. Averaged over
    both seats the difference is (p-q)², which says how much moves, not whether it moves the right way: `lean` says that.
    """
    chances = judge.support(seats)
    pairs = list(zip(chances[::2], chances[1::2], strict=True))
    return {
        "pair_order": share([p > q for p, q in pairs]),
        "accuracy": share(
            [(chance > 0.5) == seat.supports for chance, seat in zip(chances, seats, strict=True)]
        ),
        "swap_changes": mean([p * (1 - q) + q * (1 - p) for p, q in pairs]),
        "resample_changes": mean([p * (1 - p) + q * (1 - q) for p, q in pairs]),
        "swap_effect": mean([(p - q) ** 2 for p, q in pairs]),
        "lean": mean([p - q for p, q in pairs]),
        "yes_rate": mean(
            [
                c if data.plain_question_of(s.claim).first == "yes" else 1 - c
                for c, s in zip(chances, seats, strict=True)
            ]
        ),
    }


def whole_set(judge: Judge, sides: dict[str, dict[bool, list[str]]]) -> dict[str, Any]:
    """Score every perspective of the evaluation file."""
    seats = [
        Seat(claim, layout.perspective_text(text), side)
        for claim, found in sides.items()
        for side in (True, False)
        for text in found[side]
    ]
    chances = judge.support(seats)
    said, true = [chance > 0.5 for chance in chances], [seat.supports for seat in seats]
    return {
        "accuracy": share([s == t for s, t in zip(said, true, strict=True)]),
        "macro_f1": macro_f1(said, true),
        "area": area(chances, true),
    }


def _mates(
    sides: dict[str, dict[bool, list[str]]], seed: int, count: int
) -> list[tuple[str, str, str]]:
    """Return (opening of the prompt, another argument of the own side, one of the other side)."""
    dice = random.Random(seed)
    found = []
    for claim in sorted(sides):
        for side in (True, False):
            own, others = sides[claim][side], sides[claim][not side]
            if len(own) > 1 and others:
                mine, mate = dice.sample(own, 2)
                question = f"Question: {data.plain_question_of(claim).text}\n"
                found.append((question + layout.perspective_text(mine), mate, dice.choice(others)))
    return dice.sample(found, min(count, len(found)))


def judged_claims(
    judge: Judge, sides: dict[str, dict[bool, list[str]]], seed: int, count: int = 100
) -> dict[str, Any]:
    """Score agreeing with another argument of the own side, and disagreeing with one of the other."""
    asked = [
        (start + layout.judge_task(3, text), ("agree", "disagree"))
        for start, mate, other in _mates(sides, seed, count)
        for text in (mate, other)
    ]
    chances = [chance[0] for chance in judge.options(asked)]
    pairs = list(zip(chances[::2], chances[1::2], strict=True))
    return {
        "accuracy": share([hit for own, other in pairs for hit in (own > 0.5, other <= 0.5)]),
        "pair_order": share([own > other for own, other in pairs]),
    }


def letters(
    judge: Judge, sides: dict[str, dict[bool, list[str]]], seed: int, count: int = 100
) -> dict[str, Any]:
    """Score picking the own side's argument out of two by letter, averaged over both orders."""
    asked = []
    for start, mate, other in _mates(sides, seed, count):
        asked.append((start + layout.letter_task((mate, other)), ("A", "B")))
        asked.append((start + layout.letter_task((other, mate)), ("B", "A")))
    chances = [chance[0] for chance in judge.options(asked)]
    pairs = zip(chances[::2], chances[1::2], strict=True)
    return {"accuracy": share([one + other > 1 for one, other in pairs])}


def stated_values(judge: Judge, folder: Path, seed: int, count: int = 150) -> dict[str, Any]:
    """Score perspectives that are nothing but value labels, and the same ones with the argument they were read from."""
    dice = random.Random(seed)
    rows = [row for row in _rows(folder / "valueeval23.jsonl") if row["values"]]
    dice.shuffle(rows)
    out = {}
    for name, word in (
        ("values_only", lambda row: "I judge by what I value."),
        ("argument_and_values", lambda row: data.tidy(row["premise"])),
    ):
        seats = [
            Seat(
                row["conclusion"],
                layout.perspective_text(word(row), [label.lower() for label in row["values"]]),
                row["stance"] == "in favor of",
            )
            for row in rows[:count]
        ]
        out[name] = _by_claim(judge.support(seats), seats)
    return out


def _by_claim(chances: Sequence[float], seats: Sequence[Seat]) -> dict[str, Any]:
    claims: dict[str, dict[bool, list[float]]] = defaultdict(lambda: {True: [], False: []})
    for chance, seat in zip(chances, seats, strict=True):
        claims[seat.claim][seat.supports].append(chance)
    order = [
        sum((p > q) + 0.5 * (p == q) for p in c[True] for q in c[False])
        / (len(c[True]) * len(c[False]))
        for c in claims.values()
        if c[True] and c[False]
    ]
    hits = [(chance > 0.5) == seat.supports for chance, seat in zip(chances, seats, strict=True)]
    return {
        "accuracy": share(hits),
        "macro_f1": macro_f1([c > 0.5 for c in chances], [s.supports for s in seats]),
        "pair_order_by_claim": mean(order),
    }


def measure(
    judge: Judge, folder: Path, claims: int, seed: int, only: Sequence[str]
) -> dict[str, Any]:
    """Run the named measurements on one model, or all of them if none is named."""
    sides = _sides(folder)
    steps: dict[str, Callable[[], Any]] = {
        "whole_set": lambda: whole_set(judge, sides),
        "pairs": lambda: pair_scores(judge, _pairs(sides, claims, seed)),
        "pairs_all_claims": lambda: pair_scores(judge, _pairs(sides, 10_000, seed + 1)),
        "pairs_after_hearing_both_sides": lambda: pair_scores(
            judge, _pairs(sides, claims, seed, heard=True)
        ),
        "judge_a_claim": lambda: judged_claims(judge, sides, seed),
        "letters": lambda: letters(judge, sides, seed),
        "stated_values": lambda: stated_values(judge, folder, seed),
    }
    out: dict[str, Any] = {}
    for name in only or steps:
        out[name] = steps[name]()
        print(name, json.dumps(out[name]), flush=True)
    return out


def evaluate(
    folder: Path,
    base: Path,
    adapter: Path | None,
    claims: int,
    seed: int,
    to: Path | None,
    only: Sequence[str],
    with_base: bool,
) -> None:
    """Measure the model with the adapter merged in and, if asked, without it; print the figures and ten reasons."""
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(base)
    results: dict[str, Any] = {}
    for name in (["base"] if with_base or not adapter else []) + (["adapter"] if adapter else []):
        model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        if name == "adapter":
            model = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
        judge = Judge(model, tokenizer)
        results[name] = measure(judge, folder, claims, seed, only)
        results[name]["reasons"] = reasons = []
        for seat in _pairs(_sides(folder), 5, seed + 2):
            option, text = judge.reason(seat)
            reasons.append(
                {
                    "question": data.plain_question_of(seat.claim).text,
                    "perspective": seat.perspective.strip(),
                    "answer": option,
                    "reason": text,
                }
            )
        print(name, json.dumps(results[name], indent=1), flush=True)
    if to:
        to.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
