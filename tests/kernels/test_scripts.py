"""The accuracy script and the benchmark, small."""

import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
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


@pytest.fixture
def benchmark(
    load_script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> ModuleType:
    """The benchmark script, with one result in the place of its measurements."""
    monkeypatch.syspath_prepend(BENCH)
    return load_script("bench/run.py")


def result_of(op: str, provider: str, ms: str) -> dict[str, str]:
    row = dict.fromkeys(("p20_ms", "p50_ms", "p80_ms"), ms)
    row |= {
        "op": op,
        "provider": provider,
        "shape": "512",
        "items_per_s": "1",
        "date": "2026-11-30",
    }
    rest = ("floor_ms", "percent_of_floor", "wrong_percent", "device", "engine", "versions")
    return dict.fromkeys(rest, "0") | row


def test_a_part_that_is_measured_again_leaves_the_rest(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "cpu.csv"
    monkeypatch.setattr(benchmark, "RESULTS", tmp_path)
    monkeypatch.setattr(benchmark, "this_machine", benchmark.no_machine)

    def measure(*arguments: str, found: list[dict[str, str]]) -> list[tuple[str, str, str]]:
        monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
        monkeypatch.setattr(benchmark, "_measure_operations", lambda *_: iter(found))
        assert benchmark.main() == 0
        with file.open(newline="") as lines:
            return [(row["op"], row["provider"], row["p50_ms"]) for row in csv.DictReader(lines)]

    ours, theirs = result_of("nearest", "geoagent_kernels", "1"), result_of("nearest", "tree", "2")
    other = result_of("geo_topk", "geoagent_kernels", "3")
    assert len(measure(found=[ours, theirs, other])) == 3
    again = result_of("nearest", "geoagent_kernels", "4")
    assert measure("--match", "near", "--providers", "ours", found=[again]) == [
        ("nearest", "tree", "2"),
        ("geo_topk", "geoagent_kernels", "3"),
        ("nearest", "geoagent_kernels", "4"),
    ]


def test_rows_are_there_before_the_run_ends(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail_after_one(*_: object) -> Iterator[dict[str, str]]:
        yield result_of("nearest", "geoagent_kernels", "1")
        raise KeyboardInterrupt

    monkeypatch.setattr(benchmark, "this_machine", benchmark.no_machine)
    monkeypatch.setattr(benchmark, "_measure_operations", fail_after_one)
    monkeypatch.setattr(sys, "argv", ["run.py", "--out", str(tmp_path / "some.csv")])
    with pytest.raises(KeyboardInterrupt):
        benchmark.main()
    assert "nearest,geoagent_kernels" in (tmp_path / "some.csv").read_text()


def test_a_dry_run_does_not_overwrite_results(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["run.py", "--dry-run"])
    with pytest.raises(SystemExit):
        benchmark.main()


@pytest.mark.parametrize("arguments", [[], ["cpu.csv"]])
def test_plot_is_drawn_as_its_help_says(
    arguments: list[str],
    load_script: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.syspath_prepend(BENCH)
    plot = load_script("bench/plot.py")
    (tmp_path / "results").mkdir()
    for folder in (tmp_path, tmp_path / "results"):
        (folder / "cpu.csv").write_bytes((BENCH / "results" / "cpu.csv").read_bytes())
    monkeypatch.setattr(plot, "__file__", str(tmp_path / "plot.py"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["plot.py", *arguments])
    plot.main()
    drawn = tmp_path / "cpu.png" if arguments else tmp_path / "results" / "cpu.png"
    assert drawn.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["cpu.csv"])
def test_committed_results_are_whole(name: str) -> None:
    with (BENCH / "results" / name).open(newline="") as file:
        rows = list(csv.DictReader(file))
    ours = {row["op"] for row in rows if row["provider"] == "geoagent_kernels"}
    assert ours == {
        "spatial_reward",
        "semantic_reward",
        "geo_similarity_reward",
        "geo_batch_reward",
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


def test_the_floor_counts_rows_of_the_table_that_are_read(
    load_script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row once; what stands behind a closed gate, and what nobody names, is not read."""
    monkeypatch.syspath_prepend(BENCH)
    operations = load_script("bench/operations.py")
    table = torch.eye(8)
    truth = torch.tensor([[0, 1, 2]])
    answers = torch.tensor([[0, 1, 3], [4, 5, 6], [0, -1, 7]])  # right; another country; no region
    read = {0, 1, 2, 3, 4}
    assert operations.table_bytes(table, answers, truth) == len(read) * 8 * 4
