"""`perspective`: what it speaks for is said, and nothing in its words plays another's part.

A contribution's own words stand in prompts and reports. Text that hides, or that forges the marks by
which a model tells who speaks, is refused; text that seems to give orders is shown to a steward.
"""

import re
import unicodedata
from collections.abc import Iterator

from folkmoot.agents.intake.case import Case
from folkmoot.agents.intake.faults import Fault, field, finding, shown
from folkmoot.agents.intake.finding import Finding
from folkmoot.agents.values import SCHWARTZ_20

LONGEST = 600
"""Characters of a statement: one to three sentences."""

_MOST = 20_000
"""Characters of one text that are looked through."""

_HIDING = frozenset(("Cc", "Cf", "Co", "Cs", "Zl", "Zp"))
_HIDDEN_LETTERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
)
_ARABIC_SIGNS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd")
"""Formats that are seen: signs of numbers, years, verses."""
_SELECTORS = (range(0xFE00, 0xFE0F), range(0xE0100, 0xE01F0))
"""Variation selectors other than the emoji's: they can carry hidden bytes."""
_JOINERS = "\u200c\u200d"
"""Needed inside words of Persian and Hindi, and in emoji: allowed between two letters beyond ASCII."""

MARKS = re.compile(
    r"<\|[^<>\n]{0,64}\|>|<\|im_|<\uff5c|</?s>|<(?:bos|eos|pad|unk|mask)>"
    r"|<(?:start|end)_of_(?:turn|image)>|<</?sys>>"
    r"|\[/?(?:inst|system_prompt|available_tools|tool_calls|tool_results)\]"
    r"|<\s*+/?\s*+(?:message|system|assistant|user|tool)\b"
    r"|^\W{0,8}(?:system|assistant|user|human|developer|moderator|judge|tool)\W{0,4}:"
    r"|^[ \t]*+#{1,6}[ \t]*+(?:system|instructions?|assistant|user|human|response)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""What chat formats and transcripts mark a speaker with; ChatML, Llama, Mistral, Gemma, DeepSeek."""

ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|overlook)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier"
    r"|preceding|instructions?|prompts?|seats?|messages|other\s+(?:answers|arguments|agents|models))\b"
    r"|\b(?:rate|score|grade|rank)\s+(?:this|me|my|mine|it)\b[^.\n]{0,30}"
    r"\b(?:\d+|ten|high\w*|best|first|top|full)\b"
    r"|\bvote\s+(?:for|with)\s+(?:me|my|this)\b"
    r"|\b(?:copy|repeat|append|include|forward)\b[^.\n]{0,30}\b(?:this|following)\b[^.\n]{0,20}"
    r"\b(?:line|text|message|sentence|instruction)s?\b"
    r"|\b(?:moderators?|other\s+(?:seats?|agents?|models?|speakers?|panell?ists?))\s+"
    r"(?:must|should|shall|will|have\s+to|need\s+to)\b"
    r"|\b(?:dear|note\s+to)\s+(?:the\s+)?(?:judge|moderator)s?\b"
    r"|\b(?:do\s+not|don't|never)\s+(?:listen|trust|believe|weigh|hear)\b[^.\n]{0,20}\bothers?\b"
    r"|\bsystem\s+prompt\b|\bnew\s+instructions?\b|\byou\s+are\s+now\b",
    re.IGNORECASE,
)
"""Phrases of English that give orders to whoever reads them. A list finds what is said so."""

_Path = tuple[str | int, ...]


def check_perspective(case: Case) -> Finding:
    """A statement and values of the vocabulary; no text that hides, forges a role or gives orders."""
    offered, perspective = case.offered, case.offered.file.perspective
    at = ("perspective", "statement")
    faults: list[Fault] = []
    length = len(perspective.statement.strip())
    if not length:
        faults.append(
            Fault(
                "it does not say what it speaks for",
                "write perspective.statement: one to three sentences in the first person",
                field(offered, *at),
            )
        )
    if length > LONGEST:
        faults.append(
            Fault(
                f"its statement has {length:,} characters",
                f"say it in {LONGEST}: every seat's prompt holds it",
                field(offered, *at),
                fatal=False,
            )
        )
    for name in SCHWARTZ_20.unknown(perspective.values):
        faults.append(
            Fault(
                f"the value {shown(name)} is not of the vocabulary {SCHWARTZ_20.id}",
                f"choose from: {', '.join(SCHWARTZ_20.labels)}",
                field(offered, "perspective", "values", name),
                fatal=False,
            )
        )
    texts = list(_texts(case))
    for path, text in texts:
        faults += _said(text, field(offered, *path), ".".join(map(str, path)), path == at)
    return finding(
        "perspective",
        faults,
        f"a statement of {length} characters and {len(perspective.values)} values of {SCHWARTZ_20.id}",
        {"statement": length, "values": len(perspective.values), "texts": len(texts)},
        f"a statement of at most {LONGEST} characters",
    )


def _texts(case: Case) -> Iterator[tuple[_Path, str]]:
    """The words of its own that prompts and reports show, and where they stand."""
    file = case.offered.file
    yield ("name",), file.name
    yield ("contributor",), file.contributor
    yield ("perspective", "statement"), file.perspective.statement
    for at, line in enumerate(file.perspective.red_lines):
        yield ("perspective", "red_lines", at), line
    for at, task in enumerate(file.priorities):
        yield ("priorities", at), task


def _said(text: str, where: str, name: str, lines: bool) -> Iterator[Fault]:
    if len(text) > _MOST:
        yield Fault(f"{name} has {len(text):,} characters", f"say {name} in a few words", where)
        text = text[:_MOST]
    hidden = next(hiding(text, "\n\r\t" if lines else ""), None)
    if hidden is not None:
        yield Fault(
            f"{name} holds U+{ord(text[hidden]):04X}, a character that hides or moves text",
            f"write {name} again without it",
            where,
        )
    # Full-width and other forms of a letter are read as the letter by models, too.
    plain = unicodedata.normalize("NFKC", text)
    mark = MARKS.search(plain) or MARKS.search(text)
    if mark is not None:
        yield Fault(
            f"{name} forges a role: {shown(mark[0].strip())}",
            f"say it in {name} without marks of who speaks",
            where,
        )
    order = ORDERS.search(" ".join(plain.split()))
    if order is not None:
        yield Fault(
            f"{name} seems to give orders to other seats or to a judge: {shown(order[0])}",
            f"say in {name} what the seat stands for, not what others should do",
            where,
            fatal=False,
        )


def hiding(text: str, allowed: str = "") -> Iterator[int]:
    """Where characters stand that hide or move text, other than those that are allowed."""
    for at, letter in enumerate(text):
        if letter in allowed or letter in _ARABIC_SIGNS:
            continue
        if letter in _JOINERS and _joins(text, at):
            continue
        hides = unicodedata.category(letter) in _HIDING or letter in _HIDDEN_LETTERS
        if hides or any(ord(letter) in each for each in _SELECTORS):
            yield at


def _joins(text: str, at: int) -> bool:
    """Whether the character stands between two that are drawn and beyond ASCII."""
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return len(around) == 2 and all(
        not each.isascii() and unicodedata.category(each) not in _HIDING for each in around
    )
