"""What one training example is, and how a file of them is read and written."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Example(BaseModel):
    """One continuation to learn, after a chat prompt.

    The prompt is a system message, a user message and an assistant turn that is opened with `prefix`. Only `target`
    is learned. Examples of one `group` are kept side by side, so that what they share is computed once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str
    user: str = Field(min_length=1)
    prefix: str = ""
    target: str = Field(min_length=1)
    closes: bool = False
    """Whether the assistant's turn ends after the target, which teaches the model to stop there."""
    weight: float = Field(default=1.0, gt=0)
    """What one token of the target counts in the loss."""
    group: str = ""


def read_examples(path: Path) -> tuple[Example, ...]:
    """Read a JSONL file of examples; empty lines are skipped.

    Args:
        path: The file, UTF-8, one JSON object a line.

    Returns:
        The examples in file order.

    Raises:
        ValueError: If a line is not an example (names file, line and field), or if the file holds none.
    """
    found: list[Example] = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                found.append(_parse(line, f"{path}, line {number}"))
    if not found:
        raise ValueError(
            f"{path} holds no examples. Write one JSON object a line with at least system, user and target."
        )
    return tuple(found)


def _parse(line: str, where: str) -> Example:
    try:
        return Example.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the line as a whole"
        raise ValueError(f"{where}: {field}: {first['msg']}") from error


def write_examples(path: Path, examples: Iterable[Example]) -> int:
    """Write examples as JSONL, leaving out fields that hold their default.

    Args:
        path: The file to write; its folder is made if absent.
        examples: What to write, in this order.

    Returns:
        How many lines were written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for example in examples:
            out.write(
                json.dumps(example.model_dump(exclude_defaults=True), ensure_ascii=False) + "\n"
            )
            count += 1
    return count


def digest(examples: Sequence[Example]) -> str:
    """Return the SHA-256 (hex) of the examples in order, to name a training set in a report."""
    running = hashlib.sha256()
    for example in examples:
        running.update(
            json.dumps(example.model_dump(), ensure_ascii=False, sort_keys=True).encode()
        )
        running.update(b"\n")
    return running.hexdigest()
