"""Ends processes once whoever started it is gone, however that went. A script, run by its path.

    python -I reaper.py PID…

Standard input is a pipe whose other end the starter holds. When that end closes, the processes get
SIGKILL, those of them that still live.
"""

import contextlib
import os
import signal
import sys


def main(pids: list[int]) -> None:
    """Hold the processes, wait for the end of the pipe, kill."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    handles: list[int] = []
    for pid in pids:
        # A handle stays with its process; a number may be another's by then.
        with contextlib.suppress(ProcessLookupError):
            handles.append(os.pidfd_open(pid))
    sys.stdin.buffer.read()
    for handle in handles:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)


if __name__ == "__main__":
    main(list(map(int, sys.argv[1:])))
