"""Which engine takes a call, decided from the devices of its tensors and a switch."""

import pytest
import torch
from geoagent_kernels import _engine

POINT = torch.zeros(1, 2)


@pytest.fixture
def _no_triton(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_engine, "_triton_module", lambda: None)


@pytest.mark.usefixtures("_no_triton")
def test_without_triton_a_cpu_uses_the_reference_and_a_gpu_says_what_to_install() -> None:
    assert _engine.backend("cpu") == "reference"
    assert _engine.uses_triton("auto", a=POINT, b=POINT) is False
    with pytest.raises(ModuleNotFoundError, match="pip install triton"):
        _engine.backend("cuda:0")


@pytest.mark.usefixtures("_no_triton")
def test_an_engine_that_cannot_take_the_device_is_refused_with_a_way_out() -> None:
    with pytest.raises(ValueError, match=r"a is on cpu.*move it to a CUDA device"):
        _engine.uses_triton("triton", a=POINT)


def test_a_forced_reference_is_kept_even_under_the_interpreter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    assert _engine.uses_triton("reference", a=POINT) is False
    assert _engine.uses_triton("auto", a=POINT) is True


def test_an_unknown_engine_and_several_devices_are_refused() -> None:
    with pytest.raises(ValueError, match="engine must be 'auto', 'triton' or 'reference', got 'c'"):
        _engine.uses_triton("c", a=POINT)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="b is on meta, a on cpu"):
        _engine.uses_triton("reference", a=POINT, b=POINT.to("meta"))
