"""`folkmoot pool` up, status and down, with stubs where vLLM would be."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import folkmoot.commands.pool_detached
from folkmoot.cli import main
from folkmoot.pool.up.running import Running, find, state_file

PROGRAM = Path(__file__).with_name("stub_pool_cli.py")
FILE = """\
engines:
  - {kind: embedded, models: [smollm2]}
  - {kind: vllm, models: [stub]}
"""


@pytest.fixture(autouse=True)
def pool_file(stubbed_vllm: Path, at_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """pool.yaml in the folder of the test; what a test leaves up is taken down."""
    monkeypatch.setattr(folkmoot.commands.pool_detached, "PROGRAM", (sys.executable, str(PROGRAM)))
    path = at_home / "pool.yaml"
    path.write_text(FILE)
    yield path
    main(["pool", "down"])


def start(*arguments: str) -> "subprocess.Popen[str]":
    line = [sys.executable, str(PROGRAM), "pool", *arguments]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ready(path: Path) -> Running:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = find(path)
        if found is not None and found.phase == "ready":
            return found
        time.sleep(0.05)
    raise AssertionError("it was never ready")


def test_detached_it_is_up_once_is_seen_and_taken_down(run: Any, pool_file: Path):
    first, second = start("up", "--detach"), start("up", "--detach")
    said = [each.communicate(timeout=90) for each in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), said
    found = ready(pool_file)
    (server,) = found.servers
    for out, _ in said:
        assert server.url in out
        assert f"kept by process {found.supervisor.pid}" in out
    assert len([out for out, _ in said if "up already" in out]) == 1
    assert os.getsid(found.supervisor.pid) == found.supervisor.pid, "a session of its own"

    again = run("pool", "up")
    assert again.code == 0
    assert "up already" in again.out
    assert server.url in again.out
    assert len(found.supervisor.children) == 1

    told = json.loads(run("pool", "status", "--json").out)
    assert told["well"] is True
    assert told["pool"]["up"] is True
    assert told["pool"]["changed"] is False
    embedded, vllm = told["engines"]
    assert embedded["state"] == "in process"
    assert (vllm["state"], vllm["running"], vllm["restarts"]) == ("ready", 0, 0)
    shown = run("pool", "status")
    assert shown.code == 0
    assert [word in shown.out for word in ("vllm", "ready", "in process")] == [True] * 3
    assert max(map(len, shown.out.splitlines())) <= 80

    pool_file.write_text(FILE + "patience_s: 5\n")
    changed = run("pool", "status")
    assert changed.code == 2, "as of `up`"
    assert "the file was changed since" in changed.out
    refused = run("pool", "up")
    assert refused.code == 2
    assert "folkmoot pool down" in refused.err

    down = run("pool", "down")
    assert (down.code, down.out) == (0, "down: vllm\n")
    assert not found.supervisor.lives
    assert server.guard is not None
    assert not server.guard.lives
    assert not state_file(pool_file).exists()


def test_in_the_foreground_a_signal_stops_it_cleanly(pool_file: Path):
    kept = start("up")
    found = ready(pool_file)
    kept.send_signal(signal.SIGTERM)
    out, err = kept.communicate(timeout=30)
    assert kept.returncode == 0
    assert found.servers[0].url in out
    assert "embedded: nothing to start" in err
    assert "stopped; nothing is left running" in err
    assert find(pool_file) is None
    guard = found.servers[0].guard
    assert guard is not None
    assert not guard.lives


def test_detached_it_says_why_it_cannot_start_and_leaves_nothing(
    run: Any, pool_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("STUB_LINE", f"{sys.executable} -c 'raise MemoryError(\"no room\")'")
    said = run("pool", "up", "--detach")
    assert said.code == 1
    assert "MemoryError: no room" in said.err
    log = Path(said.err.split("its log is ")[-1].strip())
    assert "MemoryError: no room" in log.read_text()
    assert not state_file(pool_file).exists()


def test_in_the_foreground_too(run: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STUB_LINE", f"{sys.executable} -c 'raise MemoryError(\"no room\")'")
    said = run("pool", "up")
    assert said.code == 2
    assert "MemoryError: no room" in said.err


def test_where_nothing_is_up(run: Any):
    status = run("pool", "status")
    assert status.code == 1
    assert "not up: folkmoot pool up pool.yaml" in status.out
    down = run("pool", "down")
    assert (down.code, down.out) == (0, "nothing was up for pool.yaml\n")


def test_where_there_is_nothing_to_start(run: Any, pool_file: Path):
    pool_file.write_text("engines:\n  - {kind: embedded, models: [smollm2]}\n")
    for more in ([], ["--detach"]):
        said = run("pool", "up", *more)
        assert said.code == 0
        assert "embedded: nothing to start, it runs in each process" in said.err
    assert run("pool", "status").code == 0


def test_only_what_is_placed_on_this_machine(run: Any, pool_file: Path, tiny_model: Path):
    machines = "  - {name: here, memory_gib: 4}\n  - {name: far, host: 203.0.113.9, memory_gib: 4}"
    pool_file.write_text(
        f"models: {{stub: {tiny_model}}}\nmachines:\n{machines}\nwindow: 512\n"
        f"replicas: {{{tiny_model}: 2}}\n"
    )
    far = run("pool", "up", "--machine", "far")
    assert far.code == 2
    assert "machine 'far' is not this one" in far.err
    nowhere = run("pool", "up", "--machine", "nowhere")
    assert nowhere.code == 2
    assert "something is placed on: here, far" in nowhere.err


def test_a_server_elsewhere_that_is_gone_is_not_well(run: Any, pool_file: Path):
    pool_file.write_text(
        'engines:\n  - {kind: served, url: "http://127.0.0.1:9", models: {m: x}}\n'
    )
    assert "served: nothing to start, it runs already" in run("pool", "up").err
    said = run("pool", "status")
    assert said.code == 1
    assert "served: http://127.0.0.1:9 does not answer" in " ".join(said.out.split())


@pytest.mark.parametrize("command", ["up", "status", "down"])
def test_a_file_that_is_not_there(run: Any, command: str):
    said = run("pool", command, "other.yaml")
    assert said.code == 2
    assert "other.yaml" in said.err


def test_json_is_printed_once(run: Any):
    assert run("pool", "status", "--json", "--watch").code == 2


def test_watching_looks_again_and_again(pool_file: Path):
    with start("status", "--watch") as watching:
        assert watching.stdout is not None
        for _ in range(2):
            while "not up" not in watching.stdout.readline():
                pass
        watching.send_signal(signal.SIGINT)
        assert watching.wait(30) == 0


def test_where_the_state_cannot_be_read_its_keeper_is_named_and_nothing_is_called_down(
    run: Any, pool_file: Path
):
    kept = start("up")
    ready(pool_file)
    state = state_file(pool_file).read_text()
    state_file(pool_file).write_text("{")
    try:
        for command in ("status", "down"):
            said = run("pool", command)
            assert said.code == 1
            assert f"process {kept.pid} keeps the pool" in " ".join(said.out.split())
        again = run("pool", "up")
        assert again.code == 2
        assert f"kill {kept.pid}" in again.err
        assert kept.poll() is None
    finally:
        state_file(pool_file).write_text(state)
        kept.send_signal(signal.SIGTERM)
        kept.communicate(timeout=30)
