"""Keeps the memory of a long run bounded: glibc's allocator gives back what engines free."""

import ctypes
import platform
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_ARENAS: Final = 1
# A block of its own costs a page fault for each of its pages every time; the tensors between a few
# hundred kB and this size are many, and reused at once. Measured on signs of 1024 pixels, CPU
# seconds a photo and peak memory: 1 MB 0.63 and 336 MB, 4 MB 0.55 and 359 MB, 8 MB 0.53 and 414 MB,
# 16 MB 0.48 and 454 MB.
_LARGE_BYTES: Final = 4_000_000
_KEPT_BYTES: Final = 64_000_000  # that much may lie free before it is given back
HUGE_PAGES: Final = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Environment of a process whose glibc asks for huge pages: a fourteenth of the page faults."""


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


def give_back_memory() -> None:
    """Return to the system what lies free in glibc's heap, some 50 MB after photos with signs.

    It costs a page fault for each page that is wanted again: worth it between chunks of photos
    where many processes share a machine.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
