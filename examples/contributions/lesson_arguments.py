"""Items of warrants, evidence, stance and of information that strengthens or weakens."""

import re
from collections.abc import Iterator
from pathlib import Path

from lesson_items import Item, Row, plain, rows, tidy, unlettered

EVIDENCE = 400
"""Characters of evidence at most."""


def warrants(folder: Path) -> Iterator[Item]:
    """Argument Reasoning Comprehension: which of two warrants carries the reason to the claim?"""
    for row in rows(folder, "arct"):
        right = unlettered(row["choices"])["AB".index(row["answer"])]
        yield _warrant(row, row["reason"], row["claim"], unlettered(row["choices"]), right)
    pairs: dict[str, dict[str, Row]] = {}
    for row in rows(folder, "train/arct_pairs"):
        pairs.setdefault(row["id"].rpartition("-")[0], {})[row["kind"]] = row
    for kinds in pairs.values():
        fits, turns = kinds.get("argument/warrant"), kinds.get("argument/alternative")
        if fits and turns:
            reason, _, claim = fits["text_a"].rpartition(" So: ")
            options = (fits["text_b"], turns["text_b"])
            yield _warrant(fits, reason, claim, options, fits["text_b"])


def _warrant(row: Row, reason: str, claim: str, options: tuple[str, ...], right: str) -> Item:
    """The claim is asked for by its reason, and the question tells its warrants apart by the id alone."""
    text = f"Reason: {tidy(reason)}\nClaim: {tidy(claim)}\nWhich assumption makes the reason support the claim?"
    said = tuple(tidy(each) for each in options)
    return Item(row["id"], plain(row["topic"]), text, said, tidy(right))


def evidence(folder: Path) -> Iterator[Item]:
    """Factcheck-GPT: does a passage from the web support a claim? Partial support is left out."""
    for name in ("factcheckgpt_stance", "train/factcheckgpt_stance"):
        for row in rows(folder, name):
            if row["label"] != "partially-support":
                passage = _nearest(row["text_b"], row["text_a"])
                yield Item(
                    row["id"],
                    plain(row["text_a"]),
                    f"Claim: {tidy(row['text_a'])}\nEvidence: {passage}\n"
                    "Does the evidence support the claim?",
                    ("yes", "no"),
                    "yes" if row["label"] == "completely-support" else "no",
                )


def _nearest(text: str, claim: str) -> str:
    """The sentences that share most words with the claim, as many as fit, in the order of the text."""
    wanted = set(plain(claim).split())
    sentences = re.split(r"(?<=[.!?])\s+", " ".join(text.split()))
    kept: list[str] = []
    for each in sorted(sentences, key=lambda each: -len(wanted & set(plain(each).split()))):
        if sum(map(len, [*kept, each])) <= EVIDENCE:
            kept.append(each)
    return " ".join(each for each in sentences if each in kept)


def stance(folder: Path) -> Iterator[Item]:
    """ExplaGraphs: does an argument support a belief or counter it?"""
    for name in ("explagraphs", "train/explagraphs"):
        for row in rows(folder, name):
            yield Item(
                row["id"],
                plain(row["text_a"]),
                f"Belief: {tidy(row['text_a'])}\nArgument: {tidy(row['text_b'])}\n"
                "Does the argument support the belief or counter it?",
                ("support", "counter"),
                "support" if row["label"] == "support" else "counter",
            )


def updates(folder: Path) -> Iterator[Item]:
    """Defeasible NLI on everyday events (its ATOMIC part): does new information make something more or
    less likely? PersonX and PersonY get names."""
    for row in rows(folder, "train/defeasible_atomic"):
        event, guess, new = (tidy(_named(row[key])) for key in ("context", "text_a", "text_b"))
        yield Item(
            row["id"],
            plain(row["context"]),
            f"{event} We suppose: {guess}\nNow we learn: {new}\n"
            "Does this make what we supposed more likely or less likely?",
            ("more likely", "less likely"),
            "more likely" if row["label"] == "support" else "less likely",
        )


def _named(text: str) -> str:
    for letter, name in zip("XYZ", ("Alex", "Sam", "Kim"), strict=True):
        text = re.sub(rf"\b[Pp]erson ?{letter}\b", name, text)
    return text.replace(" n't", "n't")
