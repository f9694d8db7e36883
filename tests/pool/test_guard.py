"""A guarded server ends with whoever started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import folkmoot.pool.vllm.guard as guard

GUARDED = [sys.executable, "-I", guard.__file__]

FAMILY = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.{term})
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone(pids: list[int], within_s: float = 15.0) -> bool:
    until = time.monotonic() + within_s
    while any(map(running, pids)):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def family(term: str = "SIG_DFL") -> tuple[subprocess.Popen[str], list[int]]:
    line = [*GUARDED, sys.executable, "-c", FAMILY.format(term=term)]
    started = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    return started, [int(pid) for pid in started.stdout.readline().split()]


def test_closing_the_pipe_ends_the_server_and_its_children():
    started, pids = family()
    assert all(map(running, pids))
    started.communicate("")
    assert gone([*pids, started.pid])


def test_a_server_that_ignores_sigterm_is_killed():
    started, pids = family("SIG_IGN")
    began = time.monotonic()
    started.communicate("")
    assert gone(pids)
    assert time.monotonic() - began >= guard.GRACE_S - 0.5


def test_the_guard_itself_outlives_sigterm_and_the_status_is_passed_on():
    started, pids = family()
    started.terminate()
    time.sleep(0.2)
    assert started.poll() is None
    os.kill(pids[0], signal.SIGKILL)
    assert started.wait(10) == 256 - signal.SIGKILL  # -9, as exit statuses go
    assert gone(pids), "the children of a server that died are killed"
    started.communicate()


def test_kill_9_of_the_starter_leaves_nothing_behind():
    starter = f"""
import subprocess, sys, time
line = {[*GUARDED, sys.executable, "-c", FAMILY.format(term="SIG_DFL")]!r}
started = subprocess.Popen(line, stdin=subprocess.PIPE, start_new_session=True)
print(started.pid, flush=True)
time.sleep(600)
"""
    line = [sys.executable, "-c", starter]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for _ in range(2) for pid in parent.stdout.readline().split()]
        assert len(pids) == 3
        parent.kill()
    assert gone(pids)


def test_a_command_that_cannot_run_is_an_error():
    done = subprocess.run([*GUARDED, "/no/such/command"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "No such file" in done.stderr
