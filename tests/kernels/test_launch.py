"""A kernel starts on the device of its tensors, not on the current one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from geoagent_kernels._triton import jit


class FarTensor(torch.Tensor):
    """A tensor that says it lies on the second GPU."""

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        return torch.device("cuda:1")


class RecordingKernel:
    """Remembers the current device and the arguments of a launch."""

    def __init__(self) -> None:
        self.launched: list[tuple[Any, ...]] = []

    def __getitem__(self, grid: tuple[int, ...]) -> Any:
        return lambda *given, **named: self.launched.append((grid, CURRENT[-1], given, named))


CURRENT = ["cuda:0"]


def test_a_tensor_on_the_second_gpu_is_launched_there(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def switch(device: torch.device) -> Iterator[None]:
        CURRENT.append(str(device))
        yield
        CURRENT.pop()

    monkeypatch.setattr(torch.cuda, "device", switch)
    kernel, far = RecordingKernel(), torch.zeros(1).as_subclass(FarTensor)
    jit.launch(kernel, (3, 2), 7, far, BLOCK=8)
    jit.launch(kernel, (1,), torch.zeros(1))
    (grid, device, given, named), plain = kernel.launched
    assert (grid, device, given[0], named) == ((3, 2), "cuda:1", 7, {"BLOCK": 8})
    assert plain[1] == "cuda:0"
    assert CURRENT == ["cuda:0"]


def test_every_launcher_goes_through_the_guard() -> None:
    from pathlib import Path

    for path in Path(jit.__file__).parent.glob("*.py"):
        assert path.name == "jit.py" or "_kernel[" not in path.read_text(), path
