"""`remote-code`: no code lies in the folder, and no field of its JSON asks a loader to run or fetch any.

The fields are those that transformers, diffusers and peft import from or fetch: `auto_map` and its
kin name Python files of the repository, others a module (`parent_library`) or a kernel of the hub.
"""

import re
from collections.abc import Iterator

from folkmoot.agents.intake import plain_json
from folkmoot.agents.intake.case import Case
from folkmoot.agents.intake.faults import Fault, Unreadable, finding, many, plain, shown, words
from folkmoot.agents.intake.finding import Finding
from folkmoot.agents.intake.tree import Entry, Tree, opened, read

_SUFFIXES = words(
    ".py .pyc .pyo .pyw .pyd .pyx .pxd .pyi .so .dylib .dll .exe .com .sh .bash .zsh .fish "
    ".csh .bat .cmd .ps1 .js .mjs .cjs .ts .rb .pl .php .lua .jar .class .wasm .ipynb .egg "
    ".whl .c .cc .cpp .cu .h .o .a .ko .vbs .scr .app .deb .rpm .service .desktop .r"
)
_SHARED = re.compile(r"\.so(\.\d+)+$")
_MAGICS = (
    b"#!",
    b"\x7fELF",
    b"\x00asm",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
)
"""A script, ELF, WebAssembly, Mach-O (and Java)."""

_FORBIDDEN = words(
    "auto_map trust_remote_code custom_pipelines custom_pipeline custom_generate custom_code "
    "custom_objects remote_code code_revision use_kernels kernel_config megatron_config"
)
_IDENTIFIER, _PLAIN = r"[A-Za-z_][A-Za-z0-9_]*", r"[A-Za-z0-9_]*"
_ONLY = {
    **dict.fromkeys(
        (
            "tokenizer_class",
            "slow_tokenizer_class",
            "fast_tokenizer_class",
            "processor_class",
            "feature_extractor_type",
            "image_processor_type",
            "video_processor_type",
            "config_class",
        ),
        _IDENTIFIER,
    ),
    **dict.fromkeys(("attn_implementation", "_attn_implementation"), _PLAIN),
    "parent_library": r"transformers(\.[A-Za-z0-9_]+)*",
    "megatron_core": r"megatron\.core",
}
"""Fields that may hold a name of the library's own, and no more: else it is imported or fetched."""

_MODULES = "modules.json"
"""Of sentence-transformers, which imports the classes that it names."""

_SMALL = 2**20
"""Bytes of a file that is looked through even in a folder that is over its limits."""

_CODE = "delete it: a contribution is weights and text, and no code of it is ever run"
_FIELD = "take the field out; a model that needs code of its own cannot be seated"


def check_remote_code(case: Case) -> Finding:
    """No file is code by its name or its first bytes, no JSON asks for any."""
    faults: list[Fault] = []
    looked = 0
    for entry in case.tree.entries:
        if entry.suffix in _SUFFIXES or _SHARED.search(entry.name.lower()):
            faults.append(_fault(entry, "is code", _CODE))
        elif entry.kind == "file":
            faults += _head(case.tree, entry)
            if entry.suffix == ".json":
                looked += 1
                faults += _json(case, entry)
    return finding(
        "remote-code",
        faults,
        f"no file is code, and no key of {many(looked, 'JSON file')} asks for any",
        {"json_files": looked, "keys_refused": sorted(_FORBIDDEN | set(_ONLY))},
    )


def _head(tree: Tree, entry: Entry) -> Iterator[Fault]:
    try:
        with opened(tree, entry) as stream:
            head = stream.read(64)
    except (Unreadable, OSError):
        return  # `pickled-weights` says so of every file.
    compiled = head[1:4] == b"\r\r\n"  # CPython's, whatever its version
    windows = head.startswith(b"MZ") and b"\x00" in head
    if head.startswith(_MAGICS) or compiled or windows:
        yield _fault(entry, "begins like a program", _CODE)


def _json(case: Case, entry: Entry) -> Iterator[Fault]:
    if entry.name == _MODULES:
        yield _fault(entry, "names Python classes to be imported", _CODE)
    try:
        data = read(case.tree, entry, case.limits.bytes if case.small else _SMALL)
    except Unreadable as fault:
        yield _fault(
            entry, f"was not looked through: it {fault}", "bring the folder within its limits"
        )
        return
    for key in plain_json.keys(data):
        allowed = _ONLY.get(key.name)
        if key.empty or (allowed is None and key.name not in _FORBIDDEN):
            continue
        if allowed is None:
            yield _fault(
                entry, f"has a key {shown(key.name)}, which asks for code to be run", _FIELD
            )
        elif key.text is None or not re.fullmatch(allowed, key.text):
            yield _fault(
                entry,
                f"gives {shown(key.name)} the value {shown(key.text)}, which would be imported or fetched",
                f"name a class or library of transformers itself in {key.name}, or take the field out",
            )


def _fault(entry: Entry, why: str, mend: str) -> Fault:
    return Fault(f"{shown(entry.path)} {why}", mend, plain(entry.path))
