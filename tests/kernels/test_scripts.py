"""The accuracy script and the benchmark, small."""

import csv
import sys
from collections.abc import Callable
from types import ModuleType

import pytest
from geoagent_kernels._triton import spatial

from tests.support.paths import ROOT

BENCH = ROOT / "kernels" / "bench"


@pytest.fixture
def accuracy(
    load_script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> ModuleType:
    """The accuracy script; the size of blocks that it sets is put back."""
    monkeypatch.setattr(spatial, "BLOCK", spatial.BLOCK)
    monkeypatch.syspath_prepend(BENCH)
    return load_script("bench/accuracy.py")


def test_accuracy_is_within_its_bound(
    accuracy: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["accuracy.py", "--pairs", "20000"])
    assert accuracy.main() == 0
    assert len(capsys.readouterr().out.splitlines()) == 24  # 20 sets, three lines before, one after


def test_accuracy_fails_over_its_bound(
    accuracy: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accuracy, "BOUND_M", 1e-9)
    monkeypatch.setattr(accuracy, "BOUND_RELATIVE", 1e-9)
    monkeypatch.setattr(sys, "argv", ["accuracy.py", "--pairs", "100"])
    assert accuracy.main() == 1


@pytest.mark.parametrize("name", ["cpu.csv"])
def test_committed_results_are_whole(name: str) -> None:
    with (BENCH / "results" / name).open(newline="") as file:
        rows = list(csv.DictReader(file))
    ours = {row["op"] for row in rows if row["provider"] == "geoagent_kernels"}
    assert ours == {
        "spatial_reward",
        "semantic_reward",
        "geo_similarity_reward",
        "group_advantage",
        "expected_reward",
        "energy_score",
        "geo_topk",
        "nearest",
    }
    for row in rows:
        assert all(row.values()), row
        assert float(row["p20_ms"]) <= float(row["p50_ms"]) <= float(row["p80_ms"])
        if row["provider"] == "geoagent_kernels":
            assert float(row["wrong_percent"]) == 0
