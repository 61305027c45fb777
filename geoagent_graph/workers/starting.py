"""Starts processes from a thread that lives as long as this process.

Linux ends a child that asked for it with the thread that started it, not with the process: a child
of a thread that ends after one photo would end with it.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor


class StartingThread:
    """The thread; made when it is first needed, and anew in a fork."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="starts-workers")

    def start(
        self, command: Sequence[str], environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        """Return a new process with pipes to its stdin and stdout, in a session of its own.

        Raises:
            OSError: it cannot be started.
        """
        return self._thread.submit(
            subprocess.Popen,
            list(command),
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # its forks end with it, and Ctrl-C is not for it
        ).result()

    def forget(self) -> None:
        """Make another thread: that of the parent is not in a fork."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="starts-workers")


STARTING = StartingThread()
os.register_at_fork(after_in_child=STARTING.forget)
