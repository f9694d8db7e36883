"""What a chat template's syntax tree tells: what it reaches for, what it says, what it waits for."""

import re
from collections.abc import Iterator

from jinja2 import TemplateError, nodes

from folkmoot.agents.intake.faults import shown, words
from folkmoot.agents.intake.rendering import environment

_UNDER = re.compile(r"_{2}[a-z]+_{2}|^_")
_MARK = re.compile(r"<[^<>\s]{1,64}>|\[/?[A-Z_]{2,32}\]|<</?SYS>>")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ROLES = words(
    "system user assistant model human bot developer tool ipython environment function "
    "observation sys inst im start end header turn of text eot bos eos sep begin instruction "
    "response message chatbot ai gpt question answer think final channel"
)
"""Words that mark who speaks, where a template spells marks out."""
_FIELDS = words(
    "role content type text name image image_url video audio audio_url input_audio tool_calls "
    "tool function arguments parameters reasoning reasoning_content thinking strict "
    "properties id json description required title default items enum anyof"
)
"""Keys of messages and tools, which a template may look for."""
_SENTENCE = 4
"""Words from which on a text is a sentence."""

_SEEKERS = words("startswith endswith find rfind index count split rsplit replace partition")


class Unsafe(Exception):
    """A template cannot be used at all; the text says why."""


def parse(text: str) -> nodes.Template:
    """The syntax tree of a template, as transformers would read it. Nothing of it is run.

    Raises:
        Unsafe: it is no valid Jinja.
    """
    try:
        return environment().parse(text)
    except TemplateError as fault:
        raise Unsafe(f"is no valid Jinja: {shown(fault, 160)}") from fault
    except (RecursionError, ValueError, OverflowError) as fault:
        raise Unsafe(f"is no Jinja that can be read ({type(fault).__name__})") from fault


def reaches(tree: nodes.Template) -> list[str]:
    """What it reaches for that no template needs: Python's insides, or other files."""
    found: dict[str, None] = {}
    for node in _walk(tree):
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            found[node.attr] = None
        elif isinstance(node, nodes.Name) and node.name.startswith("__"):
            found[node.name] = None
        elif isinstance(node, nodes.Filter) and node.name == "attr":
            found["attr"] = None
        elif isinstance(node, nodes.Const) and isinstance(node.value, str):
            if re.search(r"_{2}[a-z]+_{2}", node.value):
                found[node.value] = None
        elif isinstance(node, nodes.Include | nodes.Import | nodes.FromImport | nodes.Extends):
            found[type(node).__name__.lower()] = None
        elif isinstance(node, nodes.Getitem) and _under(node.arg):
            found[str(node.arg.as_const())] = None
    return list(found)


def instructions(tree: nodes.Template) -> list[str]:
    """The fixed texts of a template that are sentences, not marks; what it raises with left out."""
    errors = {
        id(part)
        for node in _walk(tree)
        if isinstance(node, nodes.Call) and _name(node.node) == "raise_exception"
        for part in _walk(node)
    }
    texts = (_fixed(node) for node in _walk(tree) if id(node) not in errors)
    return list(dict.fromkeys(text.strip() for text in texts if text and residue(text) is not None))


def residue(text: str) -> str | None:
    """The words of a text without marks of who speaks; None if they are too few for a sentence."""
    rest = _MARK.sub(" ", text)
    left = [word for word in _WORD.findall(rest) if word.lower() not in _ROLES]
    return " ".join(rest.split()) if len(left) >= _SENTENCE else None


def triggers(tree: nodes.Template) -> list[str]:
    """Words that a template looks for in a text, other than marks and names of fields."""
    found: dict[str, None] = {}
    for node in _walk(tree):
        for text in _sought(node):
            if (
                _WORD.search(text)
                and not _marked(text)
                and text.strip().lower() not in _FIELDS | _ROLES
            ):
                found[text] = None
    return list(found)


def _sought(node: nodes.Node) -> Iterator[str]:
    """The fixed texts that a node looks for in another, or holds a message's text against."""
    sought: list[nodes.Node] = []
    if isinstance(node, nodes.Compare):
        for operand in node.ops:
            if operand.op in ("in", "notin"):
                sought.append(node.expr)
            elif _of_content(node.expr) or _of_content(operand.expr):
                sought += [node.expr, operand.expr]
    elif isinstance(node, nodes.Test) and node.name == "in":
        sought.append(node.node)
    elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
        sought += node.args[:1] if node.node.attr in _SEEKERS else []
    yield from (text for each in sought if (text := _fixed(each)))


def _of_content(node: nodes.Node) -> bool:
    """Whether it is about the text of a message."""
    return any(
        (isinstance(each, nodes.Getattr) and each.attr == "content") or _fixed(each) == "content"
        for each in _walk(node)
    )


def _marked(text: str) -> bool:
    return any(letter in "<>[]{}|" for letter in text)


def _under(node: nodes.Node) -> bool:
    return (
        isinstance(node, nodes.Const)
        and isinstance(node.value, str)
        and bool(_UNDER.search(node.value))
    )


def _fixed(node: nodes.Node) -> str | None:
    """The text that a node always is; None if it is none."""
    if isinstance(node, nodes.TemplateData):
        return node.data
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else None


def _name(node: nodes.Node) -> str | None:
    return node.name if isinstance(node, nodes.Name) else None


def _walk(tree: nodes.Node) -> Iterator[nodes.Node]:
    """The node and all below it. With a list, not by recursion: a tree may be deep."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(list(node.iter_child_nodes()))
