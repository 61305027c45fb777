"""A filtered process computes and answers; it opens, sends and starts nothing."""

import os
import platform
import socket
import struct
import sys
import threading
from collections.abc import Callable

import pytest

from geoagent_graph.workers.own_limits import gain_no_privileges
from geoagent_graph.workers.system_calls import filter_code, forbid_system_calls

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() not in ("x86_64", "aarch64"),
    reason="a filter of Linux on known processors",
)


def outcome_in_filter(act: Callable[[], object]) -> str:
    """Return "done" or the name of the error of an act in a filtered fork."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "no filter"
        try:
            if forbid_system_calls():
                act()
                said = "done"
        except Exception as error:  # noqa: BLE001  it is told to the parent
            said = type(error).__name__
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


def start_thread() -> None:
    """Start a thread and wait for it."""
    thread = threading.Thread(target=bytes, args=(50_000_000,))
    thread.start()
    thread.join()


def test_it_computes_in_threads_and_takes_memory() -> None:
    assert outcome_in_filter(lambda: sum(bytearray(30_000_000))) == "done"
    assert outcome_in_filter(start_thread) == "done"


@pytest.mark.parametrize(
    "act",
    [
        lambda: open("/etc/hostname"),  # noqa: PTH123, SIM115
        lambda: os.listdir("/"),  # noqa: PTH208
        socket.socket,
        lambda: socket.socket(socket.AF_UNIX),
        os.fork,
        lambda: os.execv("/bin/true", ["true"]),
        lambda: os.kill(os.getppid(), 0),
        os.pipe,
        lambda: os.unlink("/nowhere"),  # noqa: PTH108
    ],
)
def test_it_opens_sends_and_starts_nothing(act: Callable[[], object]) -> None:
    assert outcome_in_filter(act) == "PermissionError"


def test_every_jump_of_the_filter_lands_inside() -> None:
    code = filter_code(1, 2, (10, 20, 30))
    steps = [struct.unpack_from("HBBI", code, at) for at in range(0, len(code), 8)]
    last = len(steps) - 1
    for at, (kind, if_so, if_not, _) in enumerate(steps):
        if kind in (0x15, 0x45):
            assert at + 1 + max(if_so, if_not) <= last
    assert [steps[-1][3], steps[-2][3] >> 16] == [0x7FFF0000, 5]


def test_privileges_are_given_up_for_good() -> None:
    child = os.fork()
    if child == 0:
        gain_no_privileges()
        with open("/proc/self/status") as status:  # noqa: PTH123
            os._exit(0 if "NoNewPrivs:\t1" in status.read() else 1)
    assert os.waitpid(child, 0)[1] == 0
