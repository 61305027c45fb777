"""Models of RapidOCR in one arena, whose memory is given back when a photo was read."""

import contextlib
import os
import threading
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from geoagent_graph.allocator import give_back_memory

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_GIVE_BACK: Final = ("memory.enable_memory_arena_shrinkage", "cpu:0")
_SMALLEST_INPUT: Final = (1, 3, 32, 32)  # that the detector takes: 2 ms
_FATAL: Final = 4
_ARENA: Final = {
    "max_mem": 0,  # no limit
    "arena_extend_strategy": 0,  # a piece of the size below, the next twice as large
    "initial_chunk_size_bytes": 256,  # the first piece, which is never given back
    # The second holds a whole photo: in several pieces the gaps between tensors add up to 50 MB of
    # 200. What is not used of it takes no memory.
    "initial_growth_chunk_size_bytes": 256 << 20,
    "max_dead_bytes_per_chunk": 1 << 20,
}


def open_session(path: Path, threads: int) -> "InferenceSession":
    """Return a model whose tensors lie in the arena of this process.

    Without one ONNX Runtime asks the system for each tensor of a shape that it has not seen yet:
    detector and recogniser took 1.24 times the CPU time.
    """
    from onnxruntime import InferenceSession, SessionOptions

    _make_arena()
    options = SessionOptions()
    options.log_severity_level = _FATAL
    options.inter_op_num_threads = 1
    if 1 <= threads <= (os.cpu_count() or 1):
        options.intra_op_num_threads = threads
    options.enable_mem_pattern = False  # a plan of its own for each shape: 30 MB more, no faster
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    session = InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    give_back_memory()  # what loading has left: 14 MB of the detector, 19 of the recogniser
    return session


@lru_cache(maxsize=1)
def _make_arena() -> None:
    """Make the arena that sessions share which ask for it; others keep their own."""
    from onnxruntime import (
        OrtAllocatorType,
        OrtArenaCfg,
        OrtMemoryInfo,
        OrtMemType,
        create_and_register_allocator,
    )

    kind = OrtMemoryInfo("Cpu", OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, OrtMemType.DEFAULT)
    create_and_register_allocator(kind, OrtArenaCfg(_ARENA))


class _Keepers:
    """Who wants the arena kept, and the detector that can give it back once nobody does."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.count = 0
        self.detector: InferenceSession | None = None


_KEEPERS: Final = _Keepers()


@contextlib.contextmanager
def keep_arena() -> Iterator[None]:
    """Keep the memory of one photo for the next: a sixth less CPU time where many are located.

    It is given back when the last one who asked for this is done.
    """
    with _KEEPERS.lock:
        _KEEPERS.count += 1
    try:
        yield
    finally:
        with _KEEPERS.lock:
            _KEEPERS.count -= 1
            detector = None if _KEEPERS.count else _KEEPERS.detector
        if detector is not None:
            shrink_arena(detector)


def give_back_arena(detector: "InferenceSession") -> None:
    """Give the arena back now, or later where somebody keeps it."""
    with _KEEPERS.lock:
        is_kept = _KEEPERS.count > 0
        if is_kept:
            _KEEPERS.detector = detector
    if not is_kept:
        shrink_arena(detector)


def shrink_arena(detector: "InferenceSession") -> None:
    """Return to the system what no tensor needs, by the smallest run of the detector.

    ONNX Runtime gives back at the end of a run alone; the result of this one lies elsewhere.
    """
    from onnxruntime import RunOptions

    options = RunOptions()
    options.add_run_config_entry(*_GIVE_BACK)
    result = np.empty((1, 1, *_SMALLEST_INPUT[2:]), np.float32)
    binding = detector.io_binding()
    binding.bind_cpu_input(detector.get_inputs()[0].name, np.zeros(_SMALLEST_INPUT, np.float32))
    name = detector.get_outputs()[0].name
    binding.bind_output(name, "cpu", 0, np.float32, result.shape, result.ctypes.data)
    detector.run_with_iobinding(binding, options)
