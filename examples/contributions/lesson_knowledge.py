"""Items of common sense, claims about the world, knowledge and common misconceptions."""

from collections.abc import Iterator
from pathlib import Path

from lesson_items import Item, chosen, plain, rank, rows, tidy, unlettered

REASON = 160
"""Characters of a reason at most."""


def commonsense(folder: Path) -> Iterator[Item]:
    """StrategyQA: questions whose steps have to be found."""
    for row in rows(folder, "strategyqa"):
        facts = " ".join(map(tidy, row["facts"]))
        reason = facts if 0 < len(facts) <= REASON else None
        options = ("yes", "no")
        yield Item(row["id"], plain(row["term"]), row["question"], options, row["answer"], reason)


def claims(folder: Path) -> Iterator[Item]:
    """CREAK: claims that common sense about known things decides."""
    for row in rows(folder, "creak"):
        said = tidy(row["explanation"] or "")
        reason = said if 8 < len(said) <= REASON else None
        question = f"Is this claim true or false? {tidy(row['claim'])}"
        options = ("true", "false")
        yield Item(row["id"], plain(row["entity"]), question, options, row["answer"], reason)


def knowledge(folder: Path) -> Iterator[Item]:
    """MMLU: questions of many subjects. Its moral scenarios, a form of their own, are left out."""
    for row in rows(folder, "mmlu_sample"):
        if row["subject"] != "moral_scenarios":
            options = unlettered(row["choices"])
            yield Item(row["id"], row["id"], row["question"].strip(), options, chosen(row))


def truthfulness(folder: Path) -> Iterator[Item]:
    """TruthfulQA: the best true answer among up to two false ones that many people believe. Questions
    that nobody can answer are left out."""
    for row in rows(folder, "truthfulqa"):
        right = chosen(row)
        if "no comment" in right:
            continue
        false = sorted(row["incorrect_answers"], key=lambda each: rank(row["id"], each))
        options = (right, *[each for each in false if each != right][:2])
        yield Item(row["id"], row["id"], row["question"], options, right)


def big_bench(folder: Path) -> Iterator[Item]:
    """BIG-Bench Hard, to test with alone: its canary asks that nobody learn from it. The families that
    `critique` has are left out."""
    families = [
        "hyperbaton",
        "snarks",
        "ruin_names",
        "movie_recommendation",
        "reasoning_about_colored_objects",
        "date_understanding",
        "penguins_in_a_table",
        "temporal_sequences",
        "disambiguation_qa",
    ]
    for row in rows(folder, "bbh"):
        if row["task"] in families and len(row["choices"]) <= 6:
            question = row["question"].partition("\nOptions:")[0].strip()
            options = unlettered(row["choices"])
            yield Item(row["id"], row["id"], question, options, chosen(row))
