"""Keeps the memory of a long run bounded: glibc's allocator gives back what engines free."""

import ctypes
import platform
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_ARENAS: Final = 1
# A block of its own costs a page fault for each of its pages every time; the tensors between a few
# hundred kB and this size are many, and reused at once.
_LARGE_BYTES: Final = 16_000_000
_KEPT_BYTES: Final = 128_000_000  # that much may lie free before it is given back


def bound_memory() -> bool:
    """Limit glibc to one arena and map large blocks apart; True where that was possible.

    Text recognition allocates tensors of ever new sizes on changing threads, and an arena per
    thread keeps what each of them has freed: some 300 MB over a folder of photos. It changes the
    allocator of the whole process: the command line calls it, an application may.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    wanted = (
        (_M_ARENA_MAX, _ARENAS),
        (_M_MMAP_THRESHOLD, _LARGE_BYTES),
        (_M_TRIM_THRESHOLD, _KEPT_BYTES),
    )
    return all(mallopt(option, value) for option, value in wanted)
