"""vLLM's engine in this process: an event loop of its own, asked from any other."""

import asyncio
import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from folkmoot.records import CallRefused, EngineUnavailable, PoolError

_REAPER = Path(__file__).with_name("reaper.py")

_ABORT_S = 5.0
"""Seconds after which a request that does not react to its abort is left to itself."""

_SPAWN = {"VLLM_WORKER_MULTIPROC_METHOD": "spawn"}
"""A fork of a process with threads, and of one that has used a GPU, may hang or fail."""

Heard = Callable[[Any], None]
"""Receives vLLM's outputs of one request, in the engine's own thread."""


class Core:
    """One `AsyncLLM` with a thread and an event loop of its own; it computes in child processes.

    So it may be asked from any event loop, and a start blocks none of them. Once it has started, its
    processes end with this one, however that ends.

    Args:
        arguments: of a server's command line; those that only a server has are left out.
        flags: more of them, as the user gave them; they come last and win.
        env: environment of the engine's processes.
        log: the file that vLLM's own log goes to.
    """

    def __init__(
        self, arguments: Sequence[str], flags: Sequence[str], env: Mapping[str, str], log: Path
    ) -> None:
        self._arguments = tuple(arguments)
        self._flags = tuple(flags)
        self._env = dict(env)
        self._log = log
        self._llm: Any = None
        self._reaper: subprocess.Popen[bytes] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="vllm-in-process", daemon=True
        )
        self._thread.start()

    async def start(self) -> None:
        """Start the engine and wait until it can answer.

        Raises:
            PoolError: vLLM does not take the arguments, or its engine does not start.
        """
        await asyncio.wrap_future(self.submit(self._start()))

    @property
    def dead(self) -> bool:
        """Whether the engine was started and is gone."""
        return self._llm is not None and bool(self._llm.errored)

    @property
    def config(self) -> Any:
        """vLLM's own configuration. After `start`."""
        return self._llm.vllm_config

    def submit(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Do this in the engine's loop. Raises EngineUnavailable once it is closed."""
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise EngineUnavailable("vLLM's engine in this process is closed") from None

    async def encode(self, text: str) -> list[int]:
        """Token ids of a text on its own, without special tokens."""
        return self._llm.get_tokenizer().encode(text, add_special_tokens=False)

    async def render(self, chat: list[dict[str, str]], **template: Any) -> Any:
        """The chat template filled with messages, as the server fills it: vLLM's own input.

        Raises:
            CallRefused: the template does not take the messages.
        """
        renderer, types = self._llm.renderer, vllm("renderers")
        tokenize = vllm("utils.mistral").is_mistral_tokenizer(renderer.tokenizer)
        params = types.ChatParams(
            chat_template_kwargs={"tools": None, "tokenize": tokenize, **template}
        )
        # Of any length: what is too long is counted too, before something of it is left out.
        tokens = types.TokenizeParams(max_total_tokens=None, add_special_tokens=False)
        with _refusals():
            _, (rendered,) = await renderer.render_chat_async([chat], params, tokens)
        return rendered

    async def generate(
        self, prompt: Any, params: Any, request_id: str, lora: Any, heard: Heard
    ) -> None:
        """Ask; every output goes to `heard`.

        Raises:
            EngineUnavailable: the engine has died.
            CallRefused: vLLM does not take the request.
        """
        faults = vllm("v1.engine.exceptions")
        try:
            outputs = self._llm.generate(prompt, params, request_id, lora_request=lora)
            with _refusals():
                async for output in outputs:
                    heard(output)
        except (faults.EngineDeadError, faults.EngineGenerateError) as fault:
            raise EngineUnavailable(f"vLLM's engine in this process failed: {fault}") from fault

    async def abort(self, request_ids: Sequence[str]) -> None:
        """Stop these requests; each ends with an output that says so."""
        async with asyncio.timeout(_ABORT_S):
            await self._llm.abort(list(request_ids))

    async def close(self) -> None:
        """End the engine, its processes, the loop and the thread. Idempotent."""
        if self._loop.is_closed():
            return
        await asyncio.wrap_future(self.submit(self._stop()))
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()

    async def _start(self) -> None:
        try:
            with _logging(self._log) as logging, _environment(self._env | _SPAWN | logging):
                self._llm = vllm("v1.engine.async_llm").AsyncLLM.from_engine_args(
                    engine_args(self._arguments, self._flags), stat_loggers=[_silent()]
                )
            self._reaper = _reaper(self._llm)
        except PoolError:
            raise
        except (Exception, SystemExit) as fault:  # pydantic, torch, argparse, the engine's process
            said = (str(fault).strip().splitlines() or [type(fault).__name__])[0]
            raise PoolError(
                f"vLLM's engine does not start: {said}", f"its log: {self._log}"
            ) from fault

    async def _stop(self) -> None:
        llm, self._llm = self._llm, None
        if llm is not None:
            llm.shutdown()
        del llm
        reaper, self._reaper = self._reaper, None
        if reaper is not None:
            reaper.communicate()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._loop.shutdown_default_executor()


def vllm(module: str) -> Any:
    """A module of vLLM, imported when it is first needed: that takes seconds."""
    return importlib.import_module(f"vllm.{module}")


def engine_args(arguments: Sequence[str], flags: Sequence[str] = ()) -> Any:
    """vLLM's `AsyncEngineArgs` from a server's command line; what only a server has is left out.

    Args:
        arguments: as the pool gives them to a server.
        flags: as a user gave them; of these, nothing is left out.

    Raises:
        PoolError: a flag or a value is not what vLLM's engine takes.
    """
    AsyncEngineArgs = vllm("engine.arg_utils").AsyncEngineArgs  # noqa: N806

    class Parser(vllm("utils.argparse_utils").FlexibleArgumentParser):
        def error(self, message: str) -> Any:
            raise PoolError(f"vLLM does not take its arguments: {message}", _SEE)

    parser = AsyncEngineArgs.add_cli_args(Parser(allow_abbrev=False))
    if strange := parser.parse_known_args(list(flags))[1]:
        raise PoolError(f"vLLM's engine has no {strange[0]!r} among its arguments", _SEE)
    known, _ = parser.parse_known_args([*arguments, *flags])
    args = AsyncEngineArgs.from_cli_args(known)
    # Its default loggers would put vLLM's gauges among this process's own, and print.
    args.disable_log_stats = True
    args.use_tqdm_on_load = False
    return args


_SEE = "a server's own arguments, such as --api-key, mean nothing in this process"


def _silent() -> Any:
    """A logger that logs nothing: with one, vLLM measures where a request's time goes."""

    class Silent(vllm("v1.metrics.loggers").StatLoggerBase):
        def __init__(self, vllm_config: Any, engine_index: int = 0) -> None: ...

        def record(self, *_: Any, **__: Any) -> None: ...

        def log_engine_initialized(self) -> None: ...

    return Silent


def _reaper(llm: Any) -> subprocess.Popen[bytes]:
    """What ends the engine's processes when this one is killed: vLLM itself leaves them behind."""
    pids = [str(process.pid) for process in llm.engine_core.resources.engine_manager.processes]
    return subprocess.Popen(
        [sys.executable, "-I", str(_REAPER), *pids],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@contextmanager
def _refusals() -> Generator[None]:
    """What a server answers with status 400 becomes CallRefused."""
    try:
        yield
    except (ValueError, vllm("exceptions").VLLMValidationError) as fault:
        raise CallRefused(f"vLLM refuses the request: {fault}") from fault


@contextmanager
def _environment(env: Mapping[str, str]) -> Generator[None]:
    """This environment while the engine's processes are started; afterwards as it was."""
    before = dict(os.environ)
    os.environ.update(env)
    try:
        yield
    finally:  # vLLM adds some of its own. Nothing is taken out for a moment: others may read it.
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def _logging(log: Path) -> Generator[dict[str, str]]:
    """Settings that send vLLM's log, its processes' too, to a file: stdout is the user's.

    They name a file, which every process reads when it starts.
    """
    config = log.with_suffix(".logging.json")
    handlers = {"handlers": {"file": _HANDLER | {"filename": str(log)}}}
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(json.dumps(_LOGGING | handlers), encoding="utf-8")
    except OSError as error:
        raise PoolError(
            f"cannot write vLLM's log {str(log)!r}: {error.strerror}",
            "set FOLKMOOT_HOME to a folder that can be written",
        ) from error
    try:
        yield {"VLLM_CONFIGURE_LOGGING": "1", "VLLM_LOGGING_CONFIG_PATH": str(config)}
    finally:
        config.unlink(missing_ok=True)


_HANDLER = {"class": "logging.FileHandler", "formatter": "plain", "delay": True}
_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"}
    },
    "loggers": {"vllm": {"handlers": ["file"], "level": "INFO", "propagate": False}},
}
