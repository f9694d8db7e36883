"""A pool is taken down whole, also where its supervisor does not do it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from folkmoot.pool.up import running, taking_down
from folkmoot.pool.up.processes import Process
from folkmoot.pool.up.running import Running, file_digest, find, state_file
from folkmoot.pool.up.taking_down import take_down
from folkmoot.pool.vllm import guard

SUPERVISOR = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.{term})
line = [sys.executable, "-I", {guard!r}, sys.executable, "-c", {server!r}]
guard = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
guard.stdout.readline()
print("up", flush=True)
time.sleep(600)
"""
SERVER = """
import signal, time
signal.signal(signal.SIGTERM, signal.{server})
print("up", flush=True)
time.sleep(600)
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def pool_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOLKMOOT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(taking_down, "_SUPERVISOR_S", 1.0)
    path = tmp_path / "pool.yaml"
    path.write_text("engines: []\n")
    return path


@pytest.fixture
def start(pool_file: Path) -> Iterator[Start]:
    """A supervisor with one guarded server, which it has not yet noted in its state."""
    started: list[subprocess.Popen[str]] = []

    def make(term: str = "SIG_DFL", server: str = "SIG_IGN") -> "subprocess.Popen[str]":
        serving = SERVER.format(server=server)
        script = SUPERVISOR.format(term=term, guard=guard.__file__, server=serving)
        line = [sys.executable, "-c", script]
        made = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
        started.append(made)
        assert made.stdout is not None
        made.stdout.readline()
        process = Process.of(made.pid)
        assert process is not None
        running.write(
            Running(
                path=str(pool_file),
                digest=file_digest(pool_file),
                supervisor=process,
                phase="starting",
                since=time.time(),
            )
        )
        return made

    yield make
    for each in started:
        each.kill()
        each.communicate()


@pytest.mark.parametrize("term", ["SIG_DFL", "SIG_IGN"])
def test_nothing_is_left(pool_file: Path, start: Start, term: str):
    found = Process.of(start(term, server="SIG_DFL").pid)
    assert found is not None
    (guarding,) = found.children
    (server,) = guarding.children
    was = take_down(pool_file)
    assert was is not None
    assert was.supervisor == found
    assert not any(process.lives for process in (found, guarding, server))
    assert not state_file(pool_file).exists()
    assert take_down(pool_file) is None


def test_what_a_dead_supervisor_left_is_waited_for(pool_file: Path, start: Start):
    supervisor = start()
    process = Process.of(supervisor.pid)
    assert process is not None
    (guarding,) = process.children
    state = find(pool_file)
    assert state is not None
    server = running.Server(
        name="vllm", phase="ready", url="u", guard=guarding, models={}, described={}, log="x"
    )
    running.write(state.model_copy(update={"servers": (server,)}))
    supervisor.kill()
    supervisor.wait()
    assert guarding.lives, "its server ignores SIGTERM for a while"
    assert take_down(pool_file) is None
    assert not guarding.lives
    assert not state_file(pool_file).exists()


def test_a_guard_that_does_not_end_has_its_server_killed(
    pool_file: Path, start: Start, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(taking_down, "GRACE_S", -4.5)
    process = Process.of(start().pid)
    assert process is not None
    (guarding,) = process.children
    began = time.monotonic()
    assert take_down(pool_file) is not None
    assert time.monotonic() - began < guard.GRACE_S - 1
    assert not guarding.lives
