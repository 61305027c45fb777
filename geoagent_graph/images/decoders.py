"""The processes that decode photos: started when needed, kept, one per photo at a time.

A decoding process has Pillow loaded and forks for every photo (see `child.py`): a photo costs some
milliseconds instead of the start of an interpreter, and is still decoded in a process of its own
with limits of its own.
"""

import atexit
import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, cast

from geoagent_graph.errors import ToolError

_CHILD = Path(__file__).with_name("child.py")
_MAX_HEADER_BYTES = 1 << 20  # metadata are bounded in number and in length


def _import_folders() -> list[str] | None:
    """Return the folders that Pillow, its plug-in and this package lie in; None without Pillow."""
    found = [_folder_of(name) for name in ("PIL", "pillow_heif", "geoagent_graph")]
    if found[0] is None:
        return None
    return list(dict.fromkeys(str(folder) for folder in found if folder is not None))


def _folder_of(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parents[1] if spec is not None and spec.origin else None


class DecodingProcess:
    """One decoding process; it answers one request at a time."""

    def __init__(self) -> None:
        folders = _import_folders()
        if folders is None or not sys.executable:
            raise ToolError(
                "No Python interpreter with Pillow to decode photos. Reinstall the package."
            )
        # -I and -S: no user site, no current folder, no start-up hooks.
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and script
            [sys.executable, "-I", "-S", str(_CHILD), *folders],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # its forks end with it
        )
        self._late = False

    def ask(self, order: dict[str, Any], data: bytes, seconds: float) -> tuple[Any, bytes]:
        """Return the reply's header and body.

        Raises:
            TimeoutError: no reply in time; the process has been ended.
            EOFError: the process has died.
        """
        timer = threading.Timer(seconds, self._end_late)
        timer.start()
        try:
            reply = self._exchange_messages(order, data)
        except (BrokenPipeError, ValueError) as error:
            raise EOFError from error
        finally:
            timer.cancel()
            if self._late:
                raise TimeoutError
        return reply

    def _exchange_messages(self, order: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
        requests = cast("IO[bytes]", self._process.stdin)
        replies = cast("IO[bytes]", self._process.stdout)
        requests.write(json.dumps({**order, "bytes": len(data)}).encode() + b"\n")
        requests.write(data)
        requests.flush()
        header = json.loads(replies.readline(_MAX_HEADER_BYTES))
        wanted = int(header["bytes"])
        if not 0 <= wanted <= 3 * order["max_pixels"]:
            raise EOFError
        body = replies.read(wanted)
        if len(body) != wanted:
            raise EOFError
        return header, body

    def _end_late(self) -> None:
        self._late = True
        self.kill()

    def kill(self) -> None:
        """End the process and its fork."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process and free what it holds."""
        self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                cast("IO[bytes]", stream).close()
        self._process.wait()


class DecodingProcesses:
    """As many decoding processes as photos are decoded at once; thread-safe."""

    def __init__(self) -> None:
        self._idle: list[DecodingProcess] = []
        self._lock = threading.Lock()

    def ask(self, order: dict[str, Any], data: bytes, seconds: float) -> tuple[Any, bytes]:
        """Return header and body of the reply to one request; see `DecodingProcess.ask`."""
        with self._lock:
            process = self._idle.pop() if self._idle else None
        if process is None:
            process = DecodingProcess()
        try:
            reply = process.ask(order, data, seconds)
        except BaseException:  # also an interrupt: half a reply may be in the pipe
            process.close()
            raise
        with self._lock:
            self._idle.append(process)
        return reply

    def close(self) -> None:
        """End all idle processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.close()

    def forget(self) -> None:
        """Leave the processes to the parent this process was forked from."""
        self._lock = threading.Lock()
        self._idle = []


DECODERS = DecodingProcesses()
atexit.register(DECODERS.close)
os.register_at_fork(after_in_child=DECODERS.forget)
