"""Which engine runs: Triton, its interpreter or the reference."""

import subprocess
import sys

import geoagent_kernels
import pytest
import torch
from geoagent_kernels import _engine


def test_cpu_follows_the_interpreter_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    assert geoagent_kernels.backend("cpu") == "triton"
    monkeypatch.setenv("TRITON_INTERPRET", "0")
    assert geoagent_kernels.backend("cpu") == "reference"


def test_unwritten_outputs_are_poisoned() -> None:
    assert torch.empty(3).isnan().all()
    assert torch.empty_like(torch.ones(2)).isnan().all()
    assert (torch.empty(3, dtype=torch.int64) == 0x5A).all()


def test_cuda_follows_triton() -> None:
    assert geoagent_kernels.backend("cuda:0") == "triton"


def test_cpu_tensor_sent_to_triton_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRITON_INTERPRET", "0")
    points = torch.zeros(3, 2)
    with pytest.raises(ValueError, match=r"a is on cpu.*TRITON_INTERPRET"):
        geoagent_kernels.great_circle_km(points, points, engine="triton")


def test_mixed_devices_are_refused_by_name() -> None:
    here, there = torch.zeros(3, 2), torch.zeros(3, 2, device="meta")
    with pytest.raises(ValueError, match="true is on meta, pred on cpu"):
        geoagent_kernels.spatial_reward(here, there)


def test_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="engine must be"):
        geoagent_kernels.great_circle_km(torch.zeros(1, 2), torch.zeros(1, 2), engine="fast")  # type: ignore[arg-type]


def test_without_triton_cpu_works_and_cuda_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_engine, "_triton_module", lambda: None)
    points = torch.zeros(3, 2)
    assert geoagent_kernels.great_circle_km(points, points).tolist() == [0.0] * 3
    with pytest.raises(ModuleNotFoundError, match="pip install triton"):
        geoagent_kernels.backend("cuda")


def test_importing_the_package_does_not_import_triton() -> None:
    code = (
        "import sys, geoagent_kernels\n"
        "assert 'triton' not in sys.modules and 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_switch_cpu_tensors_never_reach_triton() -> None:
    code = (
        "import sys, torch, geoagent_kernels as g\n"
        "assert g.backend('cpu') == 'reference'\n"
        "assert g.great_circle_km(torch.zeros(1, 2), torch.ones(1, 2)).item() > 157\n"
        "assert 'geoagent_kernels._triton' not in sys.modules"
    )
    clean = {"PATH": "", "PYTHONPATH": ":".join(sys.path), "TRITON_INTERPRET": "0"}
    subprocess.run([sys.executable, "-c", code], check=True, env=clean)
