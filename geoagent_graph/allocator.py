"""Keeps the memory of a long run bounded: glibc's allocator gives back what engines free."""

import ctypes
import platform
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2
_LARGE_BYTES: Final = 1_000_000


def bound_memory() -> bool:
    """Limit glibc to two arenas and map large blocks apart; True where that was possible.

    Text recognition allocates tensors of ever new sizes on changing threads; with an arena per
    thread a folder of photos peaks at 1.1 GB, with two at 0.7 GB. It changes the allocator of the
    whole process: the command line calls it, an application may.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_M_ARENA_MAX, _ARENAS) and mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES))
