"""A process is told from a later one of the same number, waited for, and sent signals."""

import os
import signal
import subprocess
import sys

import pytest

from folkmoot.pool.up.processes import Process


@pytest.fixture
def sleeper():
    with subprocess.Popen(["sleep", "600"]) as started:
        found = Process.of(started.pid)
        assert found is not None
        yield found
        started.kill()


def test_one_that_runs_lives_and_one_that_was_killed_does_not(sleeper: Process):
    assert sleeper.lives
    assert not sleeper.gone(0.05)
    sleeper.send(signal.SIGKILL)
    assert sleeper.gone(5), "also while nobody has asked for its exit status"
    assert Process.of(sleeper.pid) is None
    sleeper.send(signal.SIGTERM)


def test_a_later_process_of_the_same_number_is_another(sleeper: Process):
    earlier = Process(pid=sleeper.pid, began=sleeper.began - 1)
    assert not earlier.lives
    earlier.send(signal.SIGKILL)
    assert not sleeper.gone(0.1)


def test_children_are_found_also_those_that_a_thread_started():
    script = (
        "import subprocess, threading, time\n"
        "thread = threading.Thread(target=lambda: (subprocess.Popen(['sleep', '600']), print(1, flush=True), time.sleep(600)))\n"
        "thread.start()\n"
    )
    line = [sys.executable, "-c", script]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        found = Process.of(parent.pid)
        assert found is not None
        (child,) = found.children
        parent.kill()
        child.send(signal.SIGKILL)
    assert child.gone(5)
    assert found.children == ()


def test_this_one_is_here():
    found = Process.of(os.getpid())
    assert found is not None
    assert found.lives
