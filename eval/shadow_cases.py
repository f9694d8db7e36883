"""Cases of shadow votes, gathered from records: what is no vote of a contribution is left out, and said."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from folkmoot.agents.contribution_file import Digests
from folkmoot.eval.shadow_votes import Case
from folkmoot.records import InputError, Outcome, Verification, load, verify
from folkmoot.records.base import Frozen
from folkmoot.records.chain import JOURNAL_FILE
from folkmoot.records.shadows import ShadowRun, shadow_runs


class Gold(Frozen, extra="ignore"):
    """A line of the file of right answers; other fields are passed over."""

    question: str
    answer: str


class Gathered(NamedTuple):
    """What was found in records."""

    cases: list[Case]
    left_out: list[str]
    """What is not counted, and why, a line each."""


def gathered(
    records: Sequence[Path], known: Mapping[str, Digests], gold: Mapping[str, str]
) -> Gathered:
    """What seats on probation said beside runs.

    Args:
        records: folders of runs, or folders of these.
        known: seat → what its contribution is made of; others are passed over.
        gold: question → the right answer.

    Raises:
        InputError: a folder holds no record, or a right answer is none of a run's options.
        RecordError: a record cannot be opened.
    """
    found, heads = Gathered([], []), set[str | None]()
    for folder in _folders(records):
        check = verify(folder)
        if why := _unusable(check) or ("a copy of one above" if check.head in heads else ""):
            found.left_out.append(f"{folder}: {why}")
            continue
        heads.add(check.head)
        main = load(folder)
        answer = _answer(main, gold, folder)
        for each in shadow_runs(main):
            if each.seat not in known:
                continue
            if why := _unfit(each, known[each.seat]):
                found.left_out.append(f"{each.folder}: {why}")
            else:
                found.cases.append(Case(main, each, answer))
    return found


def _unfit(each: ShadowRun, digests: Digests) -> str:
    """Why what was said is no vote of this contribution; "" where it is one."""
    if why := _unusable(verify(each.folder)):
        return why
    for model in each.outcome.transcript.opening.models:
        told = model.weights_sha256 is not None or model.adapter_sha256 is not None
        for part in ("adapter", "weights"):
            own, asked = getattr(digests, part), getattr(model, f"{part}_sha256")
            if told and own is not None and own != asked:
                return f"other files were asked: their {part} is not the one on the roster"
    return ""


def _unusable(check: Verification) -> str:
    if not check.ok:
        return "it does not verify"
    return "" if check.status == "complete" else "it has not ended"


def _folders(records: Sequence[Path]) -> Iterator[Path]:
    """The records in these folders, each once."""
    seen: set[Path] = set()
    for given in records:
        inside = [given] if (given / JOURNAL_FILE).is_file() else []
        if not inside and given.is_dir():
            inside = [each for each in sorted(given.iterdir()) if (each / JOURNAL_FILE).is_file()]
        if not inside:
            raise InputError(f"no record in {str(given)!r}", "name the folder of a run, or of runs")
        for each in inside:
            if each.resolve() not in seen:
                seen.add(each.resolve())
                yield each


def read_gold(file: Path) -> dict[str, str]:
    """Question → the right answer, from lines of JSON.

    Raises:
        InputError: the file or a line of it cannot be used, or a question has two right answers.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"cannot read {str(file)!r}: {fault}") from fault
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            each = Gold.model_validate(json.loads(line))
        except (ValueError, RecursionError, ValidationError) as fault:
            raise InputError(
                f"{file}, line {number}: {str(fault).splitlines()[0]}",
                'a line is {"question": "…", "answer": "…"}',
            ) from fault
        if found.setdefault(each.question.strip(), each.answer) != each.answer:
            raise InputError(
                f"{file}, line {number}: another answer to a question that stands above",
                "a question has one right answer",
            )
    return found


def _answer(main: Outcome, gold: Mapping[str, str], folder: Path) -> str | None:
    opening = main.transcript.opening
    answer = gold.get(opening.question.strip())
    if answer is not None and opening.options is not None and answer not in opening.options:
        raise InputError(
            f"the right answer {answer!r} is none of the options of {str(folder)!r}",
            f"its options are: {', '.join(opening.options)}",
        )
    return answer
