"""One process that works for this one: asked one thing at a time, and ended when it is late."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any, Final, cast

from geoagent_graph.call_threads import MAX_WAIT_FACTOR, on_cancel
from geoagent_graph.workers.messages import OUT_OF_TIME_STATUS, read_message, write_message
from geoagent_graph.workers.starting import STARTING

_OUT_OF_TIME_ENDS: Final = {OUT_OF_TIME_STATUS, -signal.SIGPROF, -signal.SIGXCPU}


class WorkerProcess:
    """One worker, its parent's number the last of its arguments; not to be shared by threads.

    It keeps to the CPU seconds of a request itself; the time on the wall, which other work on the
    machine stretches, only ends one that hangs.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = STARTING.start([*command, str(os.getpid())], environment)
        self._is_late = False
        self.is_ended = False

    def ask(
        self, order: dict[str, Any], data: bytes, *, max_reply_bytes: int
    ) -> tuple[dict[str, Any], bytes]:
        """Return the reply's header and body; `order["seconds"]` are the CPU seconds it may take.

        Raises:
            TimeoutError: no reply within them; the process has been ended.
            EOFError: the process has died, or was ended because nobody waits for it any more.
        """
        timer = threading.Timer(MAX_WAIT_FACTOR * order["seconds"], self._end_late)
        timer.start()
        try:
            with on_cancel(self.kill):
                return self._exchange_messages(order, data, max_reply_bytes)
        except (BrokenPipeError, EOFError) as error:
            if self._is_late or self._exit_status() in _OUT_OF_TIME_ENDS:
                raise TimeoutError from error
            raise EOFError from error
        finally:
            timer.cancel()

    def _exchange_messages(
        self, order: dict[str, Any], data: bytes, max_reply_bytes: int
    ) -> tuple[dict[str, Any], bytes]:
        write_message(cast("IO[bytes]", self._process.stdin), order, data)
        return read_message(cast("IO[bytes]", self._process.stdout), max_reply_bytes)

    def _exit_status(self) -> int:
        """Return how the process ended; one that has not is ended, for its pipe is out of step."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout=1.0)
        self.kill()
        return self._process.wait()

    def _end_late(self) -> None:
        self._is_late = True
        self.kill()

    def kill(self) -> None:
        """End the process and its forks; from any thread."""
        self.is_ended = True
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process and free what it holds."""
        self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                cast("IO[bytes]", stream).close()
        self._process.wait()
