"""Processes end with whoever asked for it, also when that one is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import folkmoot.pool.vllm.reaper as reaper

STARTER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
line = [sys.executable, "-I", sys.argv[1], str(child.pid)]
watch = subprocess.Popen(line, stdin=subprocess.PIPE, start_new_session=True)
print(child.pid, watch.pid, flush=True)
time.sleep(600)
"""


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def minds(pid: int, number: signal.Signals) -> bool:
    """Whether a process ignores or catches a signal by now."""
    said = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return bool((int(said["SigIgn"], 16) | int(said["SigCgt"], 16)) >> (number - 1) & 1)


def test_a_killed_starter_takes_them_with_it():
    line = [sys.executable, "-c", STARTER, reaper.__file__]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pids = [int(pid) for pid in starter.stdout.readline().split()]
        assert all(map(running, pids))
        ready = time.monotonic() + 30
        while not minds(pids[1], signal.SIGTERM):
            assert time.monotonic() < ready, "it does not begin to watch"
            time.sleep(0.02)
        os.kill(pids[1], signal.SIGTERM)  # a Ctrl-C for the whole session must not end it early
        starter.kill()
    until = time.monotonic() + 10
    while any(map(running, pids)):
        assert time.monotonic() < until, "they outlive it"
        time.sleep(0.02)


def test_what_has_ended_is_no_fault():
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    line = [sys.executable, "-I", reaper.__file__, str(ended.pid)]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    assert done.stderr == b""
