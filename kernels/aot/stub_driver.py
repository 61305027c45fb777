"""A GPU driver that is none: Triton binds, specialises and translates a launch, and nothing runs.

    with recorded_launches() as launches:
        spatial_reward(pred, true, engine="triton")     # CPU tensors

Errors in a launch are then found without a GPU: a missing, unknown or wrongly typed argument, a
constant that the kernel does not take, code that does not hold for the types of this very call, a
grid that a GPU refuses. Kernels are translated to Triton's own IR and no further: what the
assembler makes of them is the compile gate's work. Results are zeros.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
import triton
from geoagent_kernels import _engine
from triton.backends.compiler import GPUTarget
from triton.backends.driver import DriverBase
from triton.backends.nvidia.compiler import CUDABackend
from triton.runtime.driver import driver

MAX_GRID = (2**31 - 1, 65_535, 65_535)
MAX_SHARED_BYTES = 232_448
"""Of a block of threads on sm_90."""


@dataclass(frozen=True)
class Launch:
    """What the driver was asked to start."""

    kernel: str
    grid: tuple[int, int, int]
    arguments: tuple[Any, ...]


class StubDriver(DriverBase):  # type: ignore[misc]  # triton has no types
    """Says that one GPU is there, and writes down what it would have run."""

    def __init__(self, target: GPUTarget) -> None:
        self._target = target
        self.launches: list[Launch] = []
        self.utils = self

    @classmethod
    def is_active(cls) -> bool:
        """Return False: never picked by Triton itself."""
        return False

    def get_current_target(self) -> GPUTarget:
        """Return the GPU that is compiled for."""
        return self._target

    def get_current_device(self) -> int:
        """Return the number of the only device."""
        return 0

    def get_current_stream(self, _device: int) -> int:
        """Return the default stream."""
        return 0

    def get_active_torch_device(self) -> Any:
        """Refuse: there is no device."""
        raise NotImplementedError("the stub driver has no device")

    get_benchmarker = map_python_to_cpp_type = get_active_torch_device

    def get_device_properties(self, _device: int) -> dict[str, int]:
        """Return what Triton asks for before it loads a kernel."""
        return {"max_shared_mem": MAX_SHARED_BYTES}

    def load_binary(self, name: str, *_: Any) -> tuple[str, str, int, int, int]:
        """Return module, function, registers, spills and most threads of a block."""
        return name, name, 0, 0, 1024

    def unload_module(self, _module: Any) -> None:
        """Forget a kernel."""

    def launcher_cls(self, _source: Any, _metadata: Any) -> Callable[..., None]:
        """Return the function that Triton calls to start a kernel."""
        return self._record

    def _record(self, x: int, y: int, z: int, _stream: int, function: str, *given: Any) -> None:
        grid = (x, y, z)
        for size, largest in zip(grid, MAX_GRID, strict=True):
            if not 1 <= size <= largest:
                raise ValueError(f"{function} on a grid {grid}: a GPU takes 1 to {largest}")
        self.launches.append(Launch(function, grid, given[4:]))


@contextlib.contextmanager
def recorded_launches(target: GPUTarget | None = None) -> Iterator[list[Launch]]:
    """Yield the list that launches are written to; CPU tensors go to Triton meanwhile.

    Raises:
        RuntimeError: the kernels run interpreted in this process, so nothing would be launched.
    """
    if triton.knobs.runtime.interpret:
        raise RuntimeError("TRITON_INTERPRET is set: kernels are interpreted, not launched")
    stub = StubDriver(target or GPUTarget("cuda", 90, 32))
    before = driver._active, CUDABackend.add_stages, _engine.backend
    allocators = torch.empty, torch.empty_like
    with tempfile.TemporaryDirectory() as folder, triton.knobs.cache.scope():
        triton.knobs.cache.dir = folder  # these half-made kernels are not for anybody else
        driver.set_active(stub)
        CUDABackend.add_stages = _add_first_stage
        _engine.backend = _always_triton
        torch.empty, torch.empty_like = _zeros_of_shape, torch.zeros_like
        try:
            yield stub.launches
        finally:
            driver._active, CUDABackend.add_stages, _engine.backend = before
            torch.empty, torch.empty_like = allocators


def _always_triton(device: torch.device | str = "cpu") -> Literal["triton"]:  # noqa: ARG001
    return "triton"


def _zeros_of_shape(*size: Any, **options: Any) -> torch.Tensor:
    return torch.zeros(*size, **options)


def _add_first_stage(
    backend: Any, stages: dict[str, Any], options: Any, _language: Any = None
) -> None:
    """Translate to Triton's IR, which checks every type and shape; the binary stays empty."""
    capability = backend._parse_arch(options.arch)

    def name_without_binary(source: Any, metadata: dict[str, Any]) -> bytes:
        metadata |= {"shared": 0, "name": _name_of(source), "tmem_size": 0}
        return b""

    stages["ttir"] = lambda source, metadata: backend.make_ttir(
        source, metadata, options, capability
    )
    stages["cubin"] = name_without_binary


def _name_of(module: Any) -> str:
    text = str(module)
    return text.split("tt.func public @", 1)[1].split("(", 1)[0]
