"""The one thread that computes for an embedded engine."""

import queue
import threading
import time
from collections.abc import Callable

from folkmoot.pool.embedded.lane import Lane
from folkmoot.pool.embedded.requests import Request
from folkmoot.records import EngineUnavailable

_GATHER_S, _GATHER_MOST_S = 0.003, 0.02
"""An idle engine waits this long for more after a request came, and at most so long in all: the
seats of a round ask within milliseconds of each other, and together they share their prefix."""


class Worker:
    """Takes requests from any thread and works on them until told to stop.

    Args:
        name: the engine's, for messages.
        lane: from a request to the lane of its model.
    """

    def __init__(self, name: str, lane: Callable[[Request], Lane]) -> None:
        self._name = name
        self._lane = lane
        self._queue: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"folkmoot-{name}", daemon=True)
        self._thread.start()

    def put(self, request: Request) -> None:
        """Hand over a request; it is answered on its own event loop."""
        self._queue.put(request)

    def stop(self) -> None:
        """Give up what is left and end. Blocks until the step at work is done."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        lanes: dict[int, Lane] = {}
        going = True
        while going:
            busy = [lane for lane in lanes.values() if lane.busy]
            for request in self._arrived(wait=not busy):
                if request is None:
                    going = False
                    break
                lane = self._lane(request)
                lanes[id(lane)] = lane
                lane.add([request])
            if going:
                for lane in lanes.values():
                    self._work(lane)
        for lane in lanes.values():
            lane.fail(EngineUnavailable(f"engine {self._name!r} was closed"))

    def _work(self, lane: Lane) -> None:
        try:
            lane.work()
        except Exception as fault:  # out of memory, or a fault of torch: callers hear of it
            reason = (str(fault).splitlines() or [type(fault).__name__])[0]
            lane.fail(EngineUnavailable(f"engine {self._name!r} failed: {reason}"))

    def _arrived(self, wait: bool) -> list[Request | None]:
        """What is in the queue; an idle worker waits for it and a moment longer for company."""
        arrived: list[Request | None] = []
        until = 0.0
        while True:
            try:
                if wait and not arrived:
                    arrived.append(self._queue.get())
                    until = time.monotonic() + _GATHER_MOST_S
                elif wait and (left := until - time.monotonic()) > 0:
                    arrived.append(self._queue.get(timeout=min(_GATHER_S, left)))
                else:
                    arrived.append(self._queue.get_nowait())
            except queue.Empty:
                return arrived
