"""Workers of one kind: started when needed, kept while they live, each asked one by one."""

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, Final

from geoagent_graph.workers.process import WorkerProcess

MAX_IDLE_WORKERS: Final = 4


class WorkerPool:
    """As many workers as are asked at once; thread-safe, and left to the parent in a fork."""

    def __init__(self, start: Callable[[], WorkerProcess]) -> None:
        self._start = start
        self._idle: list[WorkerProcess] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._idle)  # also when this process ends
        _POOLS.add(self)

    def ask_worker(
        self, order: dict[str, Any], data: bytes, *, max_reply_bytes: int
    ) -> tuple[dict[str, Any], bytes]:
        """Return header and body of the reply to one request; see `WorkerProcess.ask`.

        Raises:
            OSError: no process can be started; `TimeoutError` is late, not that.
            EOFError: the process has died.
        """
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is None:
            worker = self._start()
        try:
            reply = worker.ask(order, data, max_reply_bytes=max_reply_bytes)
        except BaseException:  # also an interrupt: half a reply may be in the pipe
            worker.close()
            raise
        with self._lock:
            if not worker.is_ended and len(self._idle) < MAX_IDLE_WORKERS:
                self._idle.append(worker)
                return reply
        worker.close()
        return reply

    def close(self) -> None:
        """End all idle workers."""
        with self._lock:
            idle, self._idle[:] = list(self._idle), []
        _close_all(idle)

    def forget(self) -> None:
        """Leave the workers to the parent this process was forked from."""
        self._lock = threading.Lock()
        self._idle.clear()


_POOLS: Final[weakref.WeakSet[WorkerPool]] = weakref.WeakSet()


def _close_all(workers: list[WorkerProcess]) -> None:
    while workers:
        workers.pop().close()


def _forget_all() -> None:
    for pool in list(_POOLS):
        pool.forget()


os.register_at_fork(after_in_child=_forget_all)
