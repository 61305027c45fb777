"""Which system calls a worker may make once it holds hostile bytes: a filter of Linux (seccomp).

What is not on the list fails with EPERM: no file is opened, no socket made, no process started.
Memory, threads, the pipe it answers through and its own end are left. The filter is written here
because it is small: the one package for it on PyPI has not been released since 2021 and needs a
library of the system.
"""

import ctypes
import errno
import platform
import struct
import sys
from typing import Final

from geoagent_graph.workers.own_limits import call_prctl, gain_no_privileges

_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_FAIL: Final = 0x00050000 | errno.EPERM
_UNKNOWN: Final = 0x00050000 | errno.ENOSYS  # the C library then takes the call that is older
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_CALL_AT, _ARCHITECTURE_AT, _ARGUMENT_AT = 0, 4, 16  # in what the filter looks at
_CLONE_THREAD: Final = 0x00010000
_CLONE3: Final = 435
# Numbers of the calls: read write close fstat lseek mmap mprotect munmap brk rt_sigaction
# rt_sigprocmask rt_sigreturn madvise mremap getpid exit exit_group futex gettid clock_gettime
# getrandom setitimer getrusage prlimit64 setrlimit getrlimit sched_yield restart_syscall writev
# sched_getaffinity set_robust_list rseq
_X86_64: Final = (
    0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 28, 25, 39, 60, 231, 202, 186, 228, 318, 38, 98, 302,
    160, 97, 24, 219, 20, 204, 273, 334,
)  # fmt: skip
_AARCH64: Final = (
    63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 233, 216, 172, 93, 94, 98, 178, 113, 278,
    103, 165, 261, 164, 163, 124, 128, 66, 123, 99, 293,
)  # fmt: skip
# by processor: its number for the filter, `clone`, and the calls that are allowed
_ARCHITECTURES: Final = {
    "x86_64": (0xC000003E, 56, _X86_64),
    "aarch64": (0xC00000B7, 220, _AARCH64),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def forbid_system_calls() -> bool:
    """Return whether this process may make only the calls of the list from now on.

    False where the system knows no such filter: not Linux, or another processor.
    """
    known = _ARCHITECTURES.get(platform.machine())
    if known is None or not sys.platform.startswith("linux"):
        return False
    gain_no_privileges()  # without rights the system asks for it
    code = filter_code(*known)
    program = _Program(len(code) // 8, code)
    pointer = ctypes.cast(ctypes.pointer(program), ctypes.c_void_p)
    return call_prctl(_PR_SET_SECCOMP, _MODE_FILTER, pointer)


def filter_code(architecture: int, clone: int, allowed: tuple[int, ...]) -> bytes:
    """Return the filter as Linux takes it: eight bytes a step, jumps count from the next one.

    A new thread is allowed, a new process is not; `clone3`, whose flags a filter cannot see, is
    said to be unknown.
    """
    count = len(allowed)
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_IF_EQUAL, 0, count + 3, architecture),
        (_LOAD, 0, 0, _CALL_AT),
        (_JUMP_IF_EQUAL, count + 2, 0, _CLONE3),
        (_JUMP_IF_EQUAL, count + 2, 0, clone),
        *((_JUMP_IF_EQUAL, count - at + 4, 0, number) for at, number in enumerate(allowed)),
        (_RETURN, 0, 0, _FAIL),
        (_RETURN, 0, 0, _UNKNOWN),
        (_LOAD, 0, 0, _ARGUMENT_AT),
        (_JUMP_IF_SET, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _FAIL),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
