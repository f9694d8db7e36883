"""YAML whose faults name file, line and field: `pool.yaml:7: engines[1].url: is missing`.

Example, for any pydantic model:

    from folkmoot.records import located_yaml

    file = located_yaml.load("pool.yaml", PoolError)   # PoolError: no such file, not YAML, …
    settings = file.check(PoolFile)                    # PoolError: one line per fault
    raise file.fault(("engines", 1, "url"), "no answer from it", hint="start the server")

YAML 1.2: `yes` and `no` are words, not booleans. Only plain data is ever constructed; see
`plain_yaml` for its bounds.
"""

import reprlib
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError
from ruamel.yaml.error import YAMLError

from folkmoot.records import plain_yaml
from folkmoot.records.canonical import scrub
from folkmoot.records.errors import InputError

Model = TypeVar("Model", bound=BaseModel)

Where = Sequence[str | int]
"""Where in the data: keys and indexes from the top, as in pydantic's `loc`."""

_REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is no field here",
    "union_tag_not_found": "says no kind",
    "union_tag_invalid": "is of no known kind; expected {expected_tags}",
}

_SHOWN = 60
"""Characters of a wrong value that a message shows."""

_LISTED = 20
"""Faults of one file that a message lists."""


class Located:
    """Data read from a YAML file, with the line of each part.

    Attributes:
        file: the path as the user wrote it.
        data: the plain data: dicts, lists, texts, numbers, booleans, None.
    """

    def __init__(self, file: str, data: Any, root: Any, error: type[InputError]) -> None:
        self.file = file
        self.data = data
        self._root = root
        self._error = error

    def line(self, path: Where) -> int:
        """The line, from 1, of what stands at `path`; of the nearest thing above it if it is absent."""
        node, line = self._root, _line(self._root)
        for part in path:
            found = _child(node, part)
            if found is not None:
                line, node = found
        return line

    def fault(self, path: Where, reason: str, hint: str = "") -> InputError:
        """An error of the class given to `load`: `file:line: field: reason`."""
        return self._error(self.said(path, reason), hint)

    def check(self, model: type[Model]) -> Model:
        """The data as a value of a pydantic model.

        Raises:
            InputError: of the class given to `load`; one line for each fault.
        """
        found = _kind(self.data)
        if found is not None:
            raise self.fault((), f"expected fields and their values, found {found}")
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            raise self._error("\n".join(self.faults(error))) from error

    def faults(self, error: ValidationError) -> tuple[str, ...]:
        """One line for each of the first faults that pydantic found in this data; how many more."""
        found = error.errors(include_url=False)
        lines = [
            self.said(_real(self.data, fault["loc"], fault["type"]), _reason(dict(fault)))
            for fault in found[:_LISTED]
        ]
        more = [f"{self.file}: and {len(found) - _LISTED} more"] if len(found) > _LISTED else []
        return tuple(dict.fromkeys(lines + more))

    def said(self, path: Where, reason: str) -> str:
        """`file:line: field: reason`, for an error of several lines."""
        field = scrub(_field(path))
        return f"{self.file}:{self.line(path)}: " + (f"{field}: {reason}" if field else reason)


def load(path: str | Path, error: type[InputError] = InputError) -> Located:
    """Read a YAML file.

    Args:
        path: the file, UTF-8.
        error: the class of every fault found in it.

    Raises:
        InputError: of class `error`: no such file, not UTF-8, not YAML, a key given twice or no
            text, a value that is not what its tag says, or far too many values.
    """
    file = str(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError as fault:
        raise error(f"no such file: {file!r}") from fault
    except OSError as fault:
        raise error(f"cannot read {file!r}: {fault.strerror or fault}") from fault
    except UnicodeDecodeError as fault:
        raise error(f"{file}: not UTF-8 at byte {fault.start}") from fault
    return loads(text, file, error)


def loads(text: str, file: str, error: type[InputError] = InputError) -> Located:
    """Read YAML from a text; `file` is what its faults name. Otherwise as `load`."""
    try:
        root, data = plain_yaml.read(text)
    except plain_yaml.Unusable as fault:
        raise error(f"{file}:{fault.line}: {fault.what}") from fault
    except (YAMLError, ValueError, RecursionError) as fault:
        raise error(file + _problem(fault)) from fault
    return Located(file, data, root, error)


def _problem(fault: Any) -> str:
    """`:line: not YAML: what`, as far as the reader says it."""
    mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
    said = getattr(fault, "problem", None) or getattr(fault, "context", None) or str(fault)
    line = "" if mark is None else f":{mark.line + 1}"
    return f"{line}: not YAML: {(said or type(fault).__name__).splitlines()[0]}"


def _line(node: Any) -> int:
    return 1 if node is None else node.start_mark.line + 1


def _child(node: Any, part: str | int) -> tuple[int, Any] | None:
    """The line where a part of a node begins, and the part; None if it has no such part."""
    kind = getattr(node, "id", None)  # ruamel's nodes: scalar, sequence, mapping
    if kind == "sequence" and isinstance(part, int) and part < len(node.value):
        return _line(node.value[part]), node.value[part]
    if kind == "mapping":
        for name, value in node.value:
            if name.id == "scalar" and name.value == str(part):
                return _line(name), value
    return None


def _real(data: Any, loc: Where, kind: str) -> tuple[str | int, ...]:
    """pydantic's `loc` without what is not in the data: names of union members, marks of keys."""
    path: list[str | int] = []
    for at, part in enumerate(loc):
        if part in _parts(data):
            data = data[part]
            path.append(part)
        elif kind == "missing" and at == len(loc) - 1:
            path.append(part)
    return tuple(path)


def _parts(data: Any) -> Container[str | int]:
    """The keys or indexes under which it holds something."""
    if isinstance(data, dict):
        return cast(dict[str | int, Any], data)
    return range(len(cast(list[Any], data))) if isinstance(data, list) else ()


def _field(path: Where) -> str:
    said = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return said.removeprefix(".")


def _reason(fault: dict[str, Any]) -> str:
    if fault["type"] in _REASONS:
        return _REASONS[fault["type"]].format(**fault.get("ctx", {}))
    reason = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "value_error":
        return reason
    return f"{reason[0].lower()}{reason[1:]}, not {_shown(fault['input'])}"


def _shown(value: Any) -> str:
    """What it is, cut short. Never written out as a whole: aliases make a small file vast."""
    short = reprlib.Repr()
    short.maxlevel = 3
    short.maxstring = short.maxother = short.maxlong = _SHOWN
    try:
        shown = short.repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def _kind(data: Any) -> str | None:
    """What the data is instead of a mapping; None if it is one."""
    if isinstance(data, dict):
        return None
    if data is None:
        return "nothing"
    return "a list" if isinstance(data, list) else _shown(data)
