"""Writes a page for every named protocol, and one of all stages: `python docs/pages.py`.

What the code says comes from the code: docstrings, parameters, stages, the picture, the worst case.
What it cannot say is in `protocols/facts/NAME.yaml`: sources, where defaults come from, formulas, and
what the literature found. The pages are committed, so that they can be read where the code is read; a
test holds them against this file.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

sys.path.insert(0, str(Path(__file__).parent))
import formulas

from folkmoot.graphs import worst_case
from folkmoot.graphs.drawing import drawing
from folkmoot.graphs.kinds import kinds
from folkmoot.graphs.listening import listenings
from folkmoot.graphs.mermaid import mermaid
from folkmoot.graphs.outline import hearing, outline
from folkmoot.graphs.rehearsal import dry_opening, rehearse
from folkmoot.graphs.sketch import sketch
from folkmoot.protocols import Entry, Setting, catalogue, named
from folkmoot.protocols.order import OneSeat
from folkmoot.protocols.parts import Part, stages
from folkmoot.protocols.stage import Stage
from folkmoot.protocols.written import kebab
from folkmoot.records.base import Frozen

PAGES = Path(__file__).parent / "protocols"
STAGES = PAGES.parent / "stages.md"
SEATS = ("seat-1", "seat-2", "seat-3")
KINDS: Mapping[str, tuple[str, ...] | None] = {"choice": ("yes", "no"), "open": None}
NEEDED = {"seat": SEATS[0]}
"""Parameters without a default, for the pictures."""
_QUESTION = {"choice": "On a choice question", "open": "On an open question"}
_PANELS = (3, 4, 7)
_COLUMNS = {"shown": "messages shown", "listed": "messages listed", "tallies": "tallies shown"}


class Facts(NamedTuple):
    """What is written by hand about a protocol."""

    group: str
    """named, recipe or control."""
    sources: tuple[str, ...]
    defaults: str
    costs: Mapping[str, Mapping[str, Any]]
    helps: Sequence[Mapping[str, str]]
    harms: Sequence[Mapping[str, str]]
    parameters: Mapping[str, str] = {}
    note: str = ""
    like: str = ""
    """The protocol of which most of what is known holds for this one."""


def main() -> None:
    """Write every page and picture that is not as it should be, and remove those of no protocol."""
    (PAGES / "pictures").mkdir(exist_ok=True)
    due = {path: text for entry in catalogue() for path, text in written(entry)}
    due[STAGES] = stages_page()
    for path, text in due.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(PAGES.parent)}\n")
    for path in [*PAGES.glob("*.md"), *PAGES.glob("pictures/*.svg")]:
        if path not in due and path.name != "costs.md":
            path.unlink()


def written(entry: Entry) -> Iterator[tuple[Path, str]]:
    """The page and the picture of a protocol: where each stands, and its text."""
    yield PAGES / f"{entry.name}.md", page(entry)
    yield PAGES / "pictures" / f"{entry.name}.svg", picture(entry.name)


def facts(name: str) -> Facts:
    """What is written by hand about a protocol."""
    return Facts(**_read(name))


def names() -> dict[str, str]:
    """What the names in formulas mean."""
    return _read("common")["names"]


@cache
def _read(name: str) -> dict[str, Any]:
    return YAML(typ="safe").load(PAGES / "facts" / f"{name}.yaml")


def build(name: str) -> Any:
    """A protocol with its defaults."""
    params = next(entry.params for entry in catalogue() if entry.name == name)
    return named(name, **{field: value for field, value in NEEDED.items() if field in params})


def picture(name: str) -> str:
    """The protocol on a choice question, as SVG."""
    protocol, opening = build(name), dry_opening(SEATS, KINDS["choice"])
    parts = protocol.parts(Setting.of(opening))
    longest = max(rehearse(parts, opening), key=lambda way: len(way.calls))
    return drawing(name, sketch(parts), listenings(longest), SEATS, ())


def page(entry: Entry) -> str:
    """The page of a protocol."""
    about, protocol = facts(entry.name), build(entry.name)
    parts = {kind: protocol.parts(Setting(SEATS, options)) for kind, options in KINDS.items()}
    pieces = [
        "<!-- Written by docs/pages.py from the code and from facts/. Edit those. -->",
        f"# {entry.name}",
        inspect.cleandoc(type(protocol).__doc__ or ""),
        "\n".join(f"- Source: {_sentence(source)}" for source in about.sources),
        *_pictured(entry.name, protocol, parts),
        *_parameters(entry, type(protocol), about),
        *_stages(parts),
        *_costs(entry, about),
        *_found(about),
    ]
    return "\n\n".join(pieces) + "\n"


def stages_page() -> str:
    """The page of all stages: each with what it does and its fields."""
    pieces = [
        "<!-- Written by docs/pages.py from the code. Edit that. -->",
        "# Stages",
        "What protocols are put together from, beside the five ways to combine parts "
        "([Graphs](graphs.md)). Each asks some seats and puts on record what they said. In a file it "
        "goes by the name in code letters; a plain function may stand wherever a stage does "
        "([one of your own](protocols.md#writing-one)).",
    ]
    for name, kind in kinds("stage").items():
        if not issubclass(kind, OneSeat):
            pieces += [
                f"## {kind.__name__}",
                f"`{name}`. {inspect.cleandoc(kind.__doc__ or '')}",
                *_fields(kind),
            ]
    return "\n\n".join(pieces) + "\n"


def _fields(kind: type[Any]) -> Iterator[str]:
    said = {**_read("common")["stages"], **_field_docs(kind)}
    rows: list[tuple[str, str, str]] = []
    for field, info in kind.model_fields.items():
        if field != "name":
            default = info.get_default(call_default_factory=True)
            shown = "needed" if info.is_required() else _default(default)
            rows.append((f"`{field}`", shown, said[field]))
    if rows:
        yield _table(("field", "default", "what it is"), rows)


def _default(value: Any) -> str:
    if isinstance(value, Frozen):
        given = value.model_dump(exclude_defaults=True, exclude_none=True)
        return f"`{type(value).__name__}({', '.join(f'{k}={v!r}' for k, v in given.items())})`"
    return f"`{value!r}`"


def _pictured(name: str, protocol: Any, parts: Mapping[str, Sequence[Part]]) -> Iterator[str]:
    yield "## Picture"
    module = inspect.cleandoc(inspect.getmodule(type(protocol)).__doc__ or "")
    arrows = [block for block in module.split("\n\n") if "─►" in block]
    for block in arrows:
        yield f"```text\n{textwrap.dedent(block)}\n```"
    yield f"![{name}: stages, and who hears whom](pictures/{name}.svg)"
    yield "Three seats and a choice question, with the default parameters."
    outlines = {kind: "\n".join(outline(sketch(each))) for kind, each in parts.items()}
    for kind, each in parts.items():
        opening = dry_opening(SEATS, KINDS[kind])
        longest = max(rehearse(each, opening), key=lambda way: len(way.calls))
        heard = "\n".join(hearing(listenings(longest), SEATS))
        yield f"{_QUESTION[kind]}:"
        yield f"```text\n{outlines[kind]}\n\nwho hears whom\n{textwrap.indent(heard, '  ')}\n```"
        summary = f"<summary>The same as Mermaid, {kind} question</summary>"
        flow = f"```mermaid\n{mermaid(sketch(each))}```"
        yield f'<details markdown="1">\n{summary}\n\n{flow}\n\n</details>'


def _parameters(entry: Entry, kind: type[Any], about: Facts) -> Iterator[str]:
    yield "## Parameters"
    if entry.params:
        said = {**_read("common")["parameters"], **_field_docs(kind), **about.parameters}
        rows = [(f"`{name}`", f"`{default}`", said[name]) for name, default in entry.params.items()]
        yield _table(("parameter", "default", "what it is"), rows)
    else:
        yield "None."
    yield f"Where the defaults come from: {about.defaults}"


def _field_docs(kind: type[Any]) -> dict[str, str]:
    """The texts under the fields of a class and of those that it inherits from."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if not each.__module__.startswith("folkmoot."):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(each))).body[0].body
        for field, text in pairwise(body):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=v)):
                    found[name] = " ".join(str(v).split())
    return found


def _stages(parts: Mapping[str, Sequence[Part]]) -> Iterator[str]:
    yield "## Stages"
    rows: dict[tuple[str, str, str], list[str]] = {}
    for kind, each in parts.items():
        for stage in stages(each):
            inner = getattr(stage, "stage", stage)
            row = (stage.name, kebab(type(inner).__name__), _does(inner))
            asked = rows.setdefault(row, [])
            asked += [] if kind in asked else [kind]
    yield _table(
        ("stage", "kind", "what it does", "question"),
        [(f"`{row[0]}`", f"`{row[1]}`", row[2], " and ".join(on)) for row, on in rows.items()],
    )


def _does(stage: Stage) -> str:
    """What a stage does: its class's first words, and the task of one that has its own."""
    says = _first_sentence(type(stage).__doc__)
    task = getattr(stage, "task", None)
    if isinstance(task, str):
        return f"{says} Task: “{task.replace(chr(10), ' ')}”"
    if callable(task):
        return f"{says} {_first_sentence(task.__doc__ or 'Its task depends on the seat.')}"
    return says


def _first_sentence(text: str | None) -> str:
    first = inspect.cleandoc(text or "").split("\n\n")[0]
    return " ".join(re.split(r"(?<=\.)\s", first)[0].split())


def _costs(entry: Entry, about: Facts) -> Iterator[str]:
    yield "## Cost"
    yield "In calls and tokens, for any n and r; [how to read it](costs.md)."
    used: set[str] = set()
    for kind, cost in about.costs.items():
        yield f"{_QUESTION[kind]}, r is at most `{cost['last']}`:"
        yield _cost_table(cost["calls"])
        yield from _tokens(cost["calls"])
        used |= {name for row in cost["calls"] for name in _names_of(row)}
        yield _worst(entry.name, kind)
    meanings = [f"- {name}: {said}" for name, said in names().items() if name in used | {"n", "r"}]
    params = sorted((used & set(entry.params)) - set(names()))
    meanings += [f"- {name}: the parameter" for name in params]
    yield "\n".join(meanings)
    if about.note:
        yield about.note


def _names_of(row: Mapping[str, Any]) -> set[str]:
    formulas_of = [row[each] for each in ("calls", *_COLUMNS) if each in row]
    return {name for each in formulas_of for name in formulas.names_in(each)}


def _cost_table(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = [each for each in _COLUMNS if any(each in row for row in rows)]
    head = ("stage", "calls", *(_COLUMNS[each] for each in columns))
    body = [
        (
            f"`{row['stage']}`{_when(row)}, {_VERBS[row['does']]}",
            formulas.shown(row["calls"]),
            *(formulas.shown(row.get(each, "")) for each in columns),
        )
        for row in rows
    ]
    sums = [formulas.total(*(row.get(each, 0) for row in rows)) for each in ("calls", *columns)]
    return _table(head, [*body, tuple(f"**{each}**" for each in ("all", *sums))])


_VERBS = {"choose": "weighs", "generate": "writes"}


def _when(row: Mapping[str, Any]) -> str:
    return {"first": " (round 0)", "later": " (later rounds)"}.get(row.get("when", ""), "")


def _tokens(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The tokens of all calls, with messages of L tokens each."""
    writes = formulas.total(*(row["calls"] for row in rows if row["does"] == "generate"))
    prompt = ["the fixed part of every call"]
    for column, each in (("shown", "(L + tags)"), ("listed", "(L + letter)"), ("tallies", "tally")):
        whole = formulas.total(*(row.get(column, 0) for row in rows))
        if whole != "0":
            prompt.append(f"({whole})·{each}")
    yield f"Completion tokens: ({writes})·L. Prompt tokens: {' + '.join(prompt)}."


def _worst(name: str, kind: str) -> str:
    """The calls of the worst case with the default parameters."""
    counts: list[str] = []
    for size in _PANELS:
        seats = tuple(f"seat-{number}" for number in range(1, size + 1))
        most = len(worst_case(build(name), dry_opening(seats, KINDS[kind])).calls)
        counts.append(f"{most:,} with {size}")
    return f"Calls at most, with the default parameters: {', '.join(counts[:-1])} and {counts[-1]} seats."


def _found(about: Facts) -> Iterator[str]:
    for title, found in (("When it helps", about.helps), ("When it harms", about.harms)):
        yield f"## {title}"
        lines = [f"- {_sentence(each['says'], each['source'])}" for each in found]
        if about.like:
            lines.append(f"- It is a form of [{about.like}]({about.like}.md): see there too.")
        yield "\n".join(lines) or "Nothing found."


def _sentence(says: str, source: str = "") -> str:
    return f"{says.strip()} ({source})." if source else f"{says.strip()}."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def _cell(text: str) -> str:
    return str(text).replace("|", "\\|")


if __name__ == "__main__":
    main()
