"""What a worker takes from itself: time, memory, files, rights. It runs in the worker.

Linux offers all of it; elsewhere what is missing is left out, and `docs/limits.md` says so.
"""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38


def end_with_parent(parent_pid: int) -> None:
    """Have the system end this process when the one that started it has ended."""
    call_prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it has ended before it could be asked for
        sys.exit(1)


def gain_no_privileges() -> None:
    """Rule out that this process, or a program it starts, ever gets more rights."""
    call_prctl(_PR_SET_NO_NEW_PRIVS, 1)


def call_prctl(option: int, value: int, pointer: "ctypes.c_void_p | None" = None) -> bool:
    """Return whether the system did what `prctl(2)` was asked for; False where there is none."""
    if not sys.platform.startswith("linux"):
        return False
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    rest = (ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    third = pointer if pointer is not None else rest[0]
    return bool(prctl(ctypes.c_int(option), ctypes.c_ulong(value), third, *rest[:2]) == 0)


def limit_cpu_seconds(seconds: float) -> None:
    """Have the system end this process once it has used so much more CPU time; 0 takes it back."""
    if seconds > 0:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)


def limit_resources(limits: dict[int, int]) -> None:
    """Lower limits of `resource`, by kind; what the system refuses stays as it is."""
    import resource

    for kind, wanted in limits.items():
        _, hard = resource.getrlimit(kind)
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(kind, (limit, limit))
        except (OSError, ValueError):  # macOS refuses some of them
            continue
