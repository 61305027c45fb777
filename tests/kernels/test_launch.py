"""A kernel starts on the device of its tensors, not on the current one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import geoagent_kernels as g
import pytest
import torch
from geoagent_kernels._triton import jit

from tests.support.kernel_types import Both


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
    assert (grid, device, given[0], named) == (
        (3, 2),
        "cuda:1",
        7,
        {"BLOCK": 8, "enable_fp_fusion": True},
    )
    assert plain[1] == "cuda:0"
    assert CURRENT == ["cuda:0"]


def test_every_launcher_goes_through_the_guard() -> None:
    from pathlib import Path

    for path in Path(jit.__file__).parent.glob("*.py"):
        assert path.name == "jit.py" or "_kernel[" not in path.read_text(), path


NUMBERS = {
    g.spatial_reward: {"tau_km": 150.0, "cutoff_km": 900.0, "radius_km": 6000.0},
    g.group_spread: {"radius_km": 6000.0},
    g.group_advantage: {"eps": 0.5},
}


@pytest.mark.parametrize("function", NUMBERS, ids=lambda function: function.__name__)
def test_numbers_may_be_tensors_without_axes(function: Any, both: Both) -> None:
    """As a schedule gives them; a kernel would take such a tensor for a pointer."""
    points = torch.tensor([[48.85, 2.35], [50.1, 8.7]], dtype=torch.float64)
    given = torch.rand(2) if function is g.group_advantage else points
    inputs = (given, points.flip(0)) if function is g.spatial_reward else (given, 2)
    tensors = {name: torch.tensor(value) for name, value in NUMBERS[function].items()}
    plain, other = (both(function, *inputs, **numbers) for numbers in (NUMBERS[function], tensors))
    for one, same in zip(plain, other, strict=True):
        pairs = [(one, same)] if isinstance(one, torch.Tensor) else zip(one, same, strict=True)
        for first, second in pairs:
            torch.testing.assert_close(first, second, rtol=1e-6, atol=1e-6)
