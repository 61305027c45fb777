"""Two processes train as one does, and a fault of one ends both: copies, FSDP2 and ZeRO-3.

On CPUs; one start for all of them (`tests/support/forked_ranks.py`).
"""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import torch
from geoagent_training.errors import ConfigError
from geoagent_training.trainers.checkpoints import last_checkpoint
from geoagent_training.trainers.sharding import check_sharding

from tests.support.paths import ROOT
from tests.support.tiny_runs import adapter_weights

pytestmark = pytest.mark.training

WAYS = ["ddp", "fsdp", "zero3"]
NEEDS = {"zero3": "deepspeed"}
NAMES = {"loss", "eval_loss"}


class Runs(NamedTuple):
    """Where the runs are, and the exit statuses of their processes."""

    folder: Path
    codes: dict[str, list[int]]


@pytest.fixture(scope="module")
def runs(kit: Path, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("ranks")
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.forked_ranks", str(kit), str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    codes = json.loads(done.stdout.splitlines()[-1])
    assert codes["one"] == [0], done.stderr[-2000:]
    return Runs(folder, codes)


def skip_without(way: str) -> None:
    if way in NEEDS and importlib.util.find_spec(NEEDS[way]) is None:
        pytest.skip(f"{NEEDS[way]} is not installed")


@pytest.mark.parametrize("way", WAYS)
def test_two_processes_take_the_steps_of_one(runs: Runs, way: str) -> None:
    skip_without(way)
    assert runs.codes[way] == [0, 0]
    logs = [json.loads((runs.folder / name / "log.json").read_text()) for name in ("one", way)]
    for one, other in zip(*(log[:2] for log in logs), strict=True):
        assert other["loss"] == pytest.approx(one["loss"], abs=1e-6)
        assert other["grad_norm"] == pytest.approx(one["grad_norm"], rel=1e-3)
        assert other["reward_std"] == pytest.approx(one["reward_std"], rel=1e-5)
    first, second = (adapter_weights(runs.folder / name / "final") for name in ("one", way))
    assert first.keys() == second.keys()
    for name in first:
        torch.testing.assert_close(first[name], second[name], rtol=1e-3, atol=1e-4)
    assert any(weight.abs().sum() > 0 for name, weight in second.items() if "lora_B" in name)


@pytest.mark.parametrize("way", WAYS)
def test_a_judge_that_is_down_for_one_process_ends_all_with_a_whole_checkpoint(
    runs: Runs, way: str
) -> None:
    skip_without(way)
    folder = runs.folder / f"{way}-fault"
    assert runs.codes[f"{way} fault"] == [0, 0]  # both were told, neither was killed
    said = {(folder / f"stopped-{rank}.txt").read_text() for rank in (0, 1)}
    checkpoint = folder / "checkpoint-1"
    assert said == {
        "Process 1: the judge at http://127.0.0.1:9/v1 is down. The run stopped after step 1; "
        f"--resume goes on from {checkpoint}."
    }
    assert last_checkpoint(folder) == checkpoint
    weights = adapter_weights(checkpoint)
    assert weights.keys() == adapter_weights(runs.folder / "one" / "final").keys()
    assert all(weight.numel() for weight in weights.values())
    assert {f"rng_state_{rank}.pth" for rank in (0, 1)} <= {p.name for p in checkpoint.iterdir()}
    shared = json.loads((checkpoint / "trainer_state.json").read_text())["log_history"][0]
    alone = json.loads((runs.folder / "one" / "log.json").read_text())[0]
    assert shared["loss"] == pytest.approx(alone["loss"], abs=1e-6)
    assert shared["grad_norm"] == pytest.approx(alone["grad_norm"], rel=1e-3)


def _logs_of(runs: Runs, kind: str) -> list[list[dict[str, Any]]]:
    """Return the logs of one process and of two, and refuse runs that did not end well."""
    assert (runs.codes[f"{kind} one"], runs.codes[f"{kind} two"]) == ([0], [0, 0])
    return [json.loads((runs.folder / f"{kind}-{n}" / "log.json").read_text()) for n in (1, 2)]


def _best_steps(runs: Runs, kind: str) -> list[int]:
    states = [runs.folder / f"{kind}-{n}" / "checkpoint-2" / "trainer_state.json" for n in (1, 2)]
    return [json.loads(state.read_text())["best_global_step"] for state in states]


def _assert_same_results(runs: Runs, kind: str) -> None:
    first, second = (adapter_weights(runs.folder / f"{kind}-{n}" / "final") for n in (1, 2))
    for name in first:
        torch.testing.assert_close(first[name], second[name], rtol=1e-3, atol=1e-4)


def test_two_processes_replace_the_groups_that_one_would(runs: Runs) -> None:
    logs = _logs_of(runs, "resample")
    flat = []
    for one, other in zip(*logs, strict=True):
        assert one.keys() == other.keys()
        if "loss" in one:
            assert other["loss"] == pytest.approx(one["loss"], abs=1e-6)
            assert other["grad_norm"] == pytest.approx(one["grad_norm"], rel=1e-3)
            assert other["frac_reward_zero_std"] == 0.0
        shares = [name for name in one if name.startswith(("groups/", "eval_reward"))]
        assert [one[name] for name in shares] == [other[name] for name in shares]
        flat += [one[name] for name in shares if name.startswith("groups/flat")]
    assert 0 < min(flat) < max(flat) < 1  # some were replaced by new ones, the others by copies
    steps = _best_steps(runs, "resample")
    assert steps[0] == steps[1]
    _assert_same_results(runs, "resample")


def test_two_processes_evaluate_and_keep_the_weights_that_one_would(runs: Runs) -> None:
    logs = _logs_of(runs, "sft")
    losses = [[e.get("loss") or e["eval_loss"] for e in log if e.keys() & NAMES] for log in logs]
    assert len(losses[0]) == 4
    assert losses[1] == pytest.approx(losses[0], abs=1e-5)  # tokens count alike in every process
    assert _best_steps(runs, "sft") == [2, 2]
    _assert_same_results(runs, "sft")


@pytest.mark.parametrize("stage", ["sft", "grpo"])
def test_a_checkpoint_goes_on_with_another_number_of_processes(runs: Runs, stage: str) -> None:
    assert set(runs.codes[f"{stage} parts"]) == {0}
    whole, rest = (
        [e for e in json.loads((folder / "log.json").read_text()) if "loss" in e]
        for folder in (runs.folder / f"{stage}-whole", runs.folder / f"{stage}-rest")
    )
    assert [entry["step"] for entry in rest] == [1, 2, 3, 4]
    for one, other in zip(whole, rest, strict=True):
        assert other["loss"] == pytest.approx(one["loss"], abs=1e-5)
        assert other["grad_norm"] == pytest.approx(one["grad_norm"], rel=1e-3)
    first, second = (
        adapter_weights(runs.folder / f"{stage}-{part}" / "final") for part in ("whole", "rest")
    )
    for name in first:
        torch.testing.assert_close(first[name], second[name], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("flag", "wanted"), [("ACCELERATE_USE_FSDP", "FSDP"), ("ACCELERATE_USE_DEEPSPEED", "DEEPSPEED")]
)
def test_a_model_that_is_copied_instead_of_split_is_refused(
    monkeypatch: pytest.MonkeyPatch, flag: str, wanted: str
) -> None:
    def accelerator(kind: str) -> Any:
        return SimpleNamespace(distributed_type=f"DistributedType.{kind}", device="cpu")

    check_sharding(accelerator("MULTI_CPU"))
    monkeypatch.setenv(flag, "true")
    check_sharding(accelerator(wanted))
    with pytest.raises(ConfigError, match=f"asks for {wanted}, but MULTI_CPU is in use on cpu"):
        check_sharding(accelerator("MULTI_CPU"))
