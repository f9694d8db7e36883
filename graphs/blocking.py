"""The same for code that has no event loop: each call runs one of its own and returns at the end.

They take the arguments of their namesakes. Inside a running event loop (a notebook, a server), await
those instead.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from folkmoot.graphs.many import deliberate_many
from folkmoot.graphs.run import deliberate, resume
from folkmoot.graphs.shadow import shadowed
from folkmoot.records import Outcome

Given = ParamSpec("Given")
Result = TypeVar("Result")


def blocking(work: Callable[Given, Coroutine[Any, Any, Result]]) -> Callable[Given, Result]:
    """A coroutine function as a plain one."""

    @wraps(work)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        return asyncio.run(work(*args, **kwargs))

    return run


deliberate_sync = blocking(deliberate)
resume_sync = blocking(resume)
shadowed_sync = blocking(shadowed)


def all_of(
    many: Callable[Given, Any],
) -> Callable[Given, Coroutine[Any, Any, tuple[Outcome, ...]]]:
    """An asynchronous iterator of outcomes as a coroutine that waits for all of them."""

    @wraps(many)
    async def gathered(*args: Given.args, **kwargs: Given.kwargs) -> tuple[Outcome, ...]:
        return tuple([outcome async for outcome in many(*args, **kwargs)])

    return gathered


deliberate_many_sync = blocking(all_of(deliberate_many))
