"""The compile gate: what it lets pass, and what it sees in a compiled kernel."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.support.paths import ROOT

AOT = ROOT / "kernels" / "aot"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the gate said, in a process where kernels are compiled and not interpreted."""
    paths = [str(AOT), str(AOT.parent), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"TRITON_INTERPRET": "0", "PYTHONPATH": os.pathsep.join(paths)}
    script = ROOT / "tests" / "support" / "compile_gate_runs.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path_factory.mktemp("gate"))],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_passes_within_the_budget(found: dict[str, Any]) -> None:
    assert found["within"]["status"] == 0, found["within"]
    assert "1 compiled, 0 failures" in found["within"]["said"]


def test_fails_on_an_overrun_and_without_a_budget(found: dict[str, Any]) -> None:
    assert found["over"]["status"] == 1
    assert "registers, budget 1" in found["over"]["said"]
    assert found["without"]["status"] == 1
    assert "has no budget" in found["without"]["said"]


def test_the_budget_lists_the_variants(found: dict[str, Any]) -> None:
    listed = found["listed"]
    assert len(set(listed["variants"])) == len(listed["variants"])
    assert listed["budget"] == listed["variants"]
    assert listed["kernels"] == [
        "advantage_kernel",
        "batch_reward_kernel",
        "distance_kernel",
        "energy_score_kernel",
        "expected_reward_kernel",
        "geo_similarity_kernel",
        "group_spread_kernel",
        "leaf_search_kernel",
        "long_advantage_kernel",
        "reward_kernel",
        "semantic_by_id_kernel",
        "semantic_kernel",
        "topk_kernel",
    ]


def test_sees_a_spill_and_tensor_cores(found: dict[str, Any]) -> None:
    spilling = found["spilling"]
    assert spilling["tensor_cores"] == "HGMMA"
    assert spilling["spills"] > 0
    assert "spills" in spilling["fault"]


def test_sees_address_arithmetic_in_32_bits(found: dict[str, Any]) -> None:
    assert found["narrow"] == {"narrow": True, "wide": False}


def test_the_stub_driver_finds_wrong_launches(found: dict[str, Any]) -> None:
    stub = found["stub"]
    assert stub.pop("launched") == "[('wide', (2, 1, 1)), ('wide', (1, 1, 1))]"
    assert {name for name, error in stub.items() if not error} == {"right", "one"}
    assert stub["an unknown constant"] == "KeyError"
    assert stub["a missing argument"] == "TypeError"
    assert stub["a block that is no power of two"] == "CompilationError"
    assert stub["no programs"] == stub["too many programs"] == "ValueError"
