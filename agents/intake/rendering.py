"""Renders one chat template, in a process of its own that cannot take much: run by its path.

A template is a program. Jinja's sandbox keeps it from Python's insides, not from doubling a text
forty times, so it gets a bounded time and memory here and the caller looks at what it wrote. Reads
JSON from its input (`Task`), writes a line and JSON (a list of `Written`); imports nothing of Folkmoot.
"""

import json
import resource
import sys
from typing import Any, TypedDict

import jinja2
import jinja2.ext
from jinja2 import nodes
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

STARTED = "started\n"
"""Written before the template is touched: what goes wrong after it is the template's doing."""


class Task(TypedDict):
    """What is to be rendered, within what."""

    template: str
    conversations: list[list[dict[str, str]]]
    seconds: int
    """Of processor time."""
    memory: int
    """Bytes of address space."""
    letters: int
    """Of each rendered text that are written."""


class Written(TypedDict, total=False):
    """What one conversation became: a text, or why there is none."""

    text: str
    refused: str
    """The template's own words: it called `raise_exception`."""
    fault: str


class _Refused(Exception):
    """A template's `raise_exception`."""


class Generation(jinja2.ext.Extension):
    """`{% generation %}` of transformers marks the assistant's part; what it holds is kept."""

    tags = {"generation"}  # noqa: RUF012 - as jinja2 declares it

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.Scope(body).set_lineno(line)


def environment() -> ImmutableSandboxedEnvironment:
    """Jinja as transformers sets it up for chat templates, but folding no constants.

    Folding computes `9 ** 9 ** 9` when a template is compiled.
    """
    made: Any = ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        optimized=False,
        extensions=[Generation, jinja2.ext.loopcontrols],
    )
    made.filters["tojson"] = _tojson
    made.globals["raise_exception"] = _refuse
    made.globals["strftime_now"] = _no_clock
    return made


def main() -> None:
    """Render what the input asks for."""
    task: Task = json.load(sys.stdin)
    for kind, most in (
        (resource.RLIMIT_CPU, task["seconds"]),
        (resource.RLIMIT_AS, task["memory"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    sys.stdout.write(STARTED)
    sys.stdout.flush()
    written = [_written(task, each) for each in task["conversations"]]
    sys.stdout.write(json.dumps(written))


def _written(task: Task, conversation: list[dict[str, str]]) -> Written:
    try:
        template = environment().from_string(task["template"])
        letters: list[str] = []
        length = 0
        for part in template.generate(
            messages=conversation, add_generation_prompt=True, bos_token="", eos_token=""
        ):
            letters.append(part[: task["letters"] - length])
            length += len(letters[-1])
            if length >= task["letters"]:
                return {"fault": f"writes more than {task['letters']:,} characters"}
    except _Refused as refusal:
        return {"refused": str(refusal)[:200]}
    except MemoryError:
        return {"fault": "takes more memory than a template needs"}
    except Exception as fault:  # Whatever a template does is its fault.
        return {"fault": f"{type(fault).__name__}: {str(fault)[:200]}"}
    return {"text": "".join(letters)}


def _refuse(said: object) -> None:
    raise _Refused(str(said))


def _no_clock(form: str) -> str:
    """A date is the same in every check."""
    return ""


def _tojson(value: Any, indent: int | None = None, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


if __name__ == "__main__":
    main()
