"""Keeps the memory of a long run bounded: glibc's allocator gives back what engines free."""

import ctypes
import platform
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_ARENAS: Final = 1
_LARGE_BYTES: Final = 250_000


def bound_memory() -> bool:
    """Limit glibc to one arena and map large blocks apart; True where that was possible.

    Text recognition allocates tensors of ever new sizes on changing threads, and an arena per
    thread keeps what each of them has freed: some 300 MB over a folder of photos. It changes the
    allocator of the whole process: the command line calls it, an application may.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_M_ARENA_MAX, _ARENAS) and mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES))
