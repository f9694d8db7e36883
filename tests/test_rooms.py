"""The house: who may import whom, and the limits that keep every file readable.

An AST walk over the folders themselves. `make lint` holds the same table with import-linter on a
real install; this test also sees what import-linter does not: imports hidden in functions, prints,
relative imports, sizes and the guard in each room's `__init__`.
"""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {
    "records": set(),
    "agents": {"records"},
    "pool": {"records"},
    "protocols": {"agents", "records"},
    "graphs": {"pool", "protocols", "agents", "records"},
    "eval": {"graphs", "pool", "protocols", "agents", "records"},
    "folkmoot": {"eval", "graphs", "pool", "protocols", "agents", "records"},
}
ROOMS = [room for room in MAY_IMPORT if room != "folkmoot"]

ALONE_IN = {
    "langgraph": {"graphs"},
    "vllm": {"pool"},
    "torch": {"pool"},
    "transformers": {"pool"},
    "peft": {"pool"},
    "aiohttp": {"pool"},
    "typer": {"folkmoot"},
    "rich": {"folkmoot"},
}
IMPURE = {
    "asyncio",
    "time",
    "datetime",
    "random",
    "os",
    "pathlib",
    "socket",
    "subprocess",
    "threading",
}
"""What a protocol may not import: it is pure. (Seeded orders come from digests, not from a clock.)"""

MAX_FILE, MAX_FUNCTION = 350, 60

FILES = sorted(path for room in MAY_IMPORT for path in (ROOT / room).rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in FILES}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def at(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Every import in a tree, as the dotted names that it reaches for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            if module == "folkmoot":
                yield from ((node, f"folkmoot.{alias.name}") for alias in node.names)
            else:
                yield node, module


def target_room(name: str) -> str | None:
    """The room that an import of our own leads to; None for everything that is not ours."""
    parts = name.split(".")
    if parts[0] != "folkmoot":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "folkmoot"


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_the_walk_sees_the_rooms() -> None:
    assert {room_of(path) for path in FILES} == set(MAY_IMPORT)
    assert len(FILES) > 30


def test_imports_go_down_the_table_only() -> None:
    wrong = [
        f"{at(path, node)} imports {name}"
        for path, tree in TREES.items()
        for node, name in imports(tree)
        if (room := target_room(name)) is not None
        and room != room_of(path)
        and room not in MAY_IMPORT[room_of(path)]
    ]
    assert wrong == []


def test_imports_are_absolute_and_never_by_a_folder_name() -> None:
    wrong = [
        f"{at(path, node)} imports {name}"
        for path, tree in TREES.items()
        for node, name in imports(tree)
        if name.startswith(".") or name.split(".")[0] in ROOMS
    ]
    assert wrong == []


def test_no_import_of_our_own_code_inside_a_function() -> None:
    wrong = [
        f"{at(path, node)} imports {name} in {function.name}()"
        for path, tree in TREES.items()
        for function in functions(tree)
        for node, name in imports(function)
        if target_room(name) is not None
    ]
    assert wrong == []


def test_each_heavy_library_has_one_room() -> None:
    wrong = [
        f"{at(path, node)} imports {name}"
        for path, tree in TREES.items()
        for node, name in imports(tree)
        if room_of(path) not in ALONE_IN.get(name.split(".")[0], {room_of(path)})
    ]
    assert wrong == []


def test_protocols_are_pure() -> None:
    wrong = [
        f"{at(path, node)} imports {name}"
        for path, tree in TREES.items()
        if room_of(path) == "protocols"
        for node, name in imports(tree)
        if name.split(".")[0] in IMPURE
    ]
    wrong += [
        f"{at(path, node)} is async or opens a file"
        for path, tree in TREES.items()
        if room_of(path) == "protocols"
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await)
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "open"
        )
    ]
    assert wrong == []


def test_nothing_prints_outside_the_front_door() -> None:
    wrong = [
        f"{at(path, node)} prints"
        for path, tree in TREES.items()
        if room_of(path) != "folkmoot"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert wrong == []


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert [f"{at(p, TREES[p])} has {n} lines" for p, n in lengths.items() if n > MAX_FILE] == []


def test_no_function_is_too_long() -> None:
    wrong = [
        f"{at(path, function)} {function.name}() has {length} lines"
        for path, tree in TREES.items()
        for function in functions(tree)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > MAX_FUNCTION
    ]
    assert wrong == []


def test_no_work_is_left_for_later() -> None:
    mark = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if mark.search(line)
    ]
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_refuses_to_be_imported_by_its_folder_name(room: str) -> None:
    """With the repository on the path, `import agents` would make a second copy of every class."""
    done = subprocess.run(
        [sys.executable, "-c", f"import {room}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert f"import folkmoot.{room}, not the folder it lives in" in done.stderr


@pytest.mark.parametrize("name", ["folkmoot", *(f"folkmoot.{room}" for room in ROOMS)])
def test_what_a_room_offers_is_what_it_has(name: str) -> None:
    """`__all__` is sorted, has no repeats, and equals the names that the `__init__` binds in public."""
    module = importlib.import_module(name)
    tree = TREES[Path(str(module.__file__))]
    bound = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    bound |= {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id not in {"__all__"}
    }
    public = {bound_name for bound_name in bound if not bound_name.startswith("_")}
    offered: list[str] = module.__all__
    assert len(set(offered)) == len(offered)
    assert set(offered) - {"__version__"} == public
    assert all(hasattr(module, offer) for offer in offered)
