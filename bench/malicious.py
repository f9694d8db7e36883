"""How well suspect seats are found and left out, by simulation: 0 to 4 malicious seats of 12.

    python bench/malicious.py                  # the table of docs/collaboration.md, some minutes
    python bench/malicious.py --panels 5       # quicker, and rougher

An honest seat is right with a probability of its own, drawn evenly from 0.6 to 0.9, on every item, and errs
on the other options alike. With `--hard 0.3` on three items of ten all honest seats guess: what screening
stands on, one figure a seat, is wrong then. A malicious seat answers in one of three ways:

    same      one wrong option of each item, on which all malicious seats have agreed
    random    any option
    inverted  as an honest seat would, and then another option than that

Seats are screened on some items without a key. Then the panel votes on 200 others: with all seats,
without the suspects, without those that are malicious indeed, and with all seats weighed by the accuracies
that the screening found.
"""

import argparse
import json
import random
from collections.abc import Collection
from functools import cache
from typing import Any

from folkmoot.eval.collaboration import Answer, AnswerSheet, Item, in_rule, screen
from folkmoot.protocols.rules import RULES
from folkmoot.records import Ballot

SEATS = tuple(f"s{number}" for number in range(1, 13))
VOTED = 200
"""Items that the panel votes on."""
ATTACKS = ("same", "random", "inverted")


def panel_of(seed: object) -> dict[str, float]:
    """Seat → how often it would be right if it were honest."""
    dice = random.Random(f"panel {seed}")
    return {seat: dice.uniform(0.6, 0.9) for seat in SEATS}


def sheet_of(
    right: dict[str, float],
    malicious: Collection[str],
    attack: str,
    items: int,
    options: int,
    seed: object,
    *,
    key: bool = False,
    hard: float = 0.0,
) -> AnswerSheet:
    """What a panel answers to so many items; their key only if it is asked for.

    Args:
        hard: the share of items on which the honest guess.
    """
    dice = random.Random(f"items {seed} {attack}")
    every = tuple(f"o{number}" for number in range(options))
    asked: list[Item] = []
    answers: list[Answer] = []
    for number in range(items):
        true = dice.choice(every)
        wrong = [option for option in every if option != true]
        agreed = dice.choice(wrong)
        guessed = dice.random() < hard
        asked.append(Item(id=f"i{number}", options=every, right=true if key else None))
        for seat, p in right.items():
            knows = dice.random() < (1 / options if guessed else p)
            honest = true if knows else dice.choice(wrong)
            other = dice.choice([option for option in every if option != honest])
            said = {"same": agreed, "random": dice.choice(every), "inverted": other}[attack]
            choice = said if seat in malicious else honest
            answers.append(Answer(item=f"i{number}", seat=seat, choice=choice))
    return AnswerSheet(items=tuple(asked), answers=tuple(answers))


def voted(sheet: AnswerSheet, competences: dict[str, float] | None = None) -> float:
    """The share of items that a vote has right; of a tie, the chance that a lot has."""
    won = 0.0
    for item, votes in zip(sheet.items, sheet.by_item().values(), strict=True):
        ballots = [_ballot(item.options, seat, choice) for seat, choice in votes.items()]
        if competences is None:
            found = RULES["plurality"].find(ballots, item.options)
        else:
            found = RULES["competence"].find(ballots, item.options, competences=competences)
        won += (item.right in found.winners) / len(found.winners)
    return won / len(sheet.items)


@cache
def _ballot(options: tuple[str, ...], seat: str, choice: str) -> Ballot:
    return Ballot(
        step=0,
        order=0,
        id=f"b {seat}",
        seat=seat,
        round=0,
        options=options,
        state="valid",
        ranking=(choice,),
    )


def measure(
    attack: str, count: int, items: int, options: int, panels: int, hard: float = 0.0
) -> dict[str, Any]:
    """One row: so many malicious seats, on so many panels."""
    found = dict.fromkeys(
        ("caught", "accused", "cautions", "all", "masked", "known", "weighed"), 0.0
    )
    for seed in range(panels):
        right, malicious = panel_of(seed), SEATS[:count]
        past = sheet_of(right, malicious, attack, items, options, f"{seed} screen", hard=hard)
        screening = screen(past)
        suspects = set(screening.suspects)
        fresh = sheet_of(right, malicious, attack, VOTED, options, f"{seed} vote", key=True)
        weights = {s: in_rule(p, options) for s, p in screening.fit.accuracies.items()}
        found["caught"] += len(suspects.intersection(malicious))
        found["accused"] += len(suspects.difference(malicious))
        found["cautions"] += bool(screening.cautions)
        found["all"] += voted(fresh)
        found["masked"] += voted(fresh.without(suspects))
        found["known"] += voted(fresh.without(malicious))
        found["weighed"] += voted(fresh, weights)
    per_panel = ("cautions", "all", "masked", "known", "weighed")
    return {
        "attack": attack,
        "malicious": count,
        "options": options,
        "items": items,
        "hard": hard,
        "panels": panels,
        "caught": found["caught"] / (panels * count) if count else None,
        "accused": found["accused"] / (panels * (len(SEATS) - count)),
        **{name: found[name] / panels for name in per_panel},
    }


def main(arguments: argparse.Namespace) -> None:
    """Print a line a row, then all of them as JSON."""
    rows = [
        measure(attack, count, arguments.items, options, arguments.panels, arguments.hard)
        for options in (2, 4)
        for attack in ATTACKS
        for count in range(5)
        if count or attack == "same"
    ]
    print("options attack   bad  caught accused  all   masked known weighed cautions")
    for row in rows:
        caught = "" if row["caught"] is None else f"{row['caught']:.2f}"
        print(
            f"{row['options']:7} {row['attack']:9}{row['malicious']:3}{caught:>8}"
            f"{row['accused']:8.3f}{row['all']:7.3f}{row['masked']:7.3f}{row['known']:7.3f}"
            f"{row['weighed']:7.3f}{row['cautions']:7.2f}"
        )
    print(json.dumps(rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--panels", type=int, default=50)
    parser.add_argument("--hard", type=float, default=0.0)
    main(parser.parse_args())
