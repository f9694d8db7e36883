"""Runs a server so that it cannot outlive whoever started it. A script, run by its path.

    python -I guard.py COMMAND…

Standard input is a pipe whose other end the starter holds. When that end closes, because the
starter closed it, ended or was killed, the server's process group gets SIGTERM and, if need be,
SIGKILL. When the server ends by itself, what is left of its group is killed. The guard exits with
the server's status.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys

GRACE_S = 5.0
"""Seconds between SIGTERM and SIGKILL."""


def main(command: list[str]) -> int:
    """Run the command until it or the starter ends; its exit status."""
    # A handler, not SIG_IGN: a child would inherit that one.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _outlive)
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
    ended = os.pidfd_open(server.pid)
    ready, _, _ = select.select([0, ended], [], [])
    if ended not in ready:
        _signal(server.pid, signal.SIGTERM)
        select.select([ended], [], [], GRACE_S)
    _signal(server.pid, signal.SIGKILL)
    return server.wait()


def _outlive(number: int, frame: object) -> None:
    """Go on: only the end of the pipe or of the server ends the guard."""


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
