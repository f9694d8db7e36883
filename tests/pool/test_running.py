"""The state of a pool that is up: found by its file, never believed when its keeper is dead."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from folkmoot.pool.config import Settings
from folkmoot.pool.up import running
from folkmoot.pool.up.attach import attach
from folkmoot.pool.up.processes import Process
from folkmoot.pool.up.running import Running, Server, claimed, file_digest, find, holder, state_file
from folkmoot.records import ModelRef, PoolError


@pytest.fixture
def pool_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOLKMOOT_HOME", str(tmp_path / "home"))
    path = tmp_path / "pool.yaml"
    path.write_text("engines: []\n")
    return path


def state(path: Path, supervisor: Process | None = None, **more: object) -> Running:
    mine = supervisor or Process.of(os.getpid())
    assert mine is not None
    fields = {"phase": "ready", "since": time.time(), "digest": file_digest(path)}
    return Running.model_validate({"path": str(path), "supervisor": mine, **fields, **more})


def test_what_is_kept_is_found_again_by_any_name_of_the_file(pool_file: Path):
    server = Server(
        name="vllm",
        phase="ready",
        url="http://127.0.0.1:1",
        guard=Process.of(os.getpid()),
        models={"m": ModelRef(name="m", source="folder", weights_sha256="ab")},
        described={"kind": "vllm-server", "flags": []},
        log="x.log",
    )
    kept = state(pool_file, servers=(server,))
    running.write(kept)
    link = pool_file.with_name("other.yaml")
    link.symlink_to(pool_file)
    assert find(link) == find(pool_file) == kept
    assert kept.server("vllm") == server
    assert kept.server("other") is None


def test_nobody_else_may_read_it(pool_file: Path):
    running.write(state(pool_file))
    assert stat.S_IMODE(state_file(pool_file).stat().st_mode) == 0o600
    assert [path.name for path in state_file(pool_file).parent.iterdir()] == [
        state_file(pool_file).name
    ]


@pytest.mark.parametrize("later", [1, -1])
def test_a_number_that_was_given_to_another_process_is_not_its_keeper(pool_file: Path, later: int):
    mine = Process.of(os.getpid())
    assert mine is not None
    running.write(state(pool_file, Process(pid=mine.pid, began=mine.began + later)))
    assert find(pool_file) is None
    assert not state_file(pool_file).exists(), "it was cleaned"


def test_a_state_is_not_cleaned_under_the_hands_of_who_holds_the_lock(pool_file: Path):
    running.write(state(pool_file, Process(pid=2**22 + 1, began=1)))
    with claimed(pool_file) as mine:
        assert mine
        assert find(pool_file) is None
        assert state_file(pool_file).exists()
    assert find(pool_file) is None
    assert not state_file(pool_file).exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"path": 3}', "[" * 9000])
def test_a_damaged_state_is_no_pool(pool_file: Path, text: str):
    running.write(state(pool_file))
    state_file(pool_file).write_text(text)
    assert find(pool_file) is None


def test_the_guards_of_a_dead_supervisor_keep_its_state(pool_file: Path):
    with subprocess.Popen(["sleep", "600"]) as guard:
        server = Server(
            name="vllm", phase="ready", url="u", guard=Process.of(guard.pid), models={},
            described={}, log="x",
        )  # fmt: skip
        running.write(state(pool_file, Process(pid=2**22 + 1, began=1), servers=(server,)))
        assert find(pool_file) is None
        assert [each.pid for each in running.left_behind(pool_file)] == [guard.pid]
        guard.kill()
        guard.wait()
    assert running.left_behind(pool_file) == ()
    assert find(pool_file) is None
    assert not state_file(pool_file).exists()


def test_two_processes_never_hold_the_lock(pool_file: Path):
    script = (
        "import sys\nfrom folkmoot.pool.up.running import claimed\n"
        "with claimed(sys.argv[1]) as mine:\n    print(mine, flush=True)\n    input()\n"
    )
    line = [sys.executable, "-c", script, str(pool_file)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        with claimed(pool_file) as mine:
            assert not mine
        other.kill()
    with claimed(pool_file) as mine:
        assert mine, "the lock of a process that was killed is free"
    assert list(state_file(pool_file).parent.iterdir()) == []


@pytest.fixture
def other(pool_file: Path) -> "Iterator[subprocess.Popen[str]]":
    """Another process, which keeps the pool."""
    script = (
        "import sys\nfrom folkmoot.pool.up.running import claimed\n"
        "with claimed(sys.argv[1]) as mine:\n    print(mine, flush=True)\n    input()\n"
    )
    line = [sys.executable, "-c", script, str(pool_file)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as made:
        assert made.stdout is not None
        assert made.stdout.readline() == "True\n"
        yield made
        made.kill()


@pytest.mark.parametrize("text", ["{", None])
def test_a_damaged_state_of_a_pool_that_is_up_is_told_with_its_keeper(
    pool_file: Path, other: "subprocess.Popen[str]", text: str | None
):
    running.write(state(pool_file))
    assert holder(pool_file) is None, "what can be read is believed"
    if text is None:
        state_file(pool_file).unlink()
    else:
        state_file(pool_file).write_text(text)
    assert find(pool_file) is None
    assert holder(pool_file) == other.pid
    with pytest.raises(PoolError, match=f"process {other.pid} keeps the pool"):
        attach(Settings((), 1.0), pool_file)
    other.kill()
    other.wait()
    assert holder(pool_file) is None


def test_a_changed_file_is_told(pool_file: Path):
    kept = state(pool_file)
    kept.check_unchanged()
    pool_file.write_text("engines: [] # other\n")
    with pytest.raises(PoolError, match="was changed since") as caught:
        kept.check_unchanged()
    assert "folkmoot pool down" in caught.value.hint


def test_a_home_that_cannot_be_written_is_an_error(
    pool_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FOLKMOOT_HOME", str(pool_file))
    with pytest.raises(PoolError, match="cannot write"):
        running.write(state(pool_file))
    with pytest.raises(PoolError, match="cannot write"), claimed(pool_file):
        pass
