"""The accuracy script and the benchmark, small."""

import csv
import os
import subprocess
import sys

import pytest

from tests.support.paths import ROOT

BENCH = ROOT / "kernels" / "bench"


def script(name, *arguments, **environment):
    paths = [str(BENCH.parent), os.environ.get("PYTHONPATH", "")]
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(paths)} | environment
    command = [sys.executable, str(BENCH / name), *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_accuracy_is_within_its_bound():
    done = script("accuracy.py", "--pairs", "20000")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 24  # 20 sets, three lines before, one after


def test_accuracy_fails_over_its_bound():
    code = (
        "import sys, accuracy\n"
        "accuracy.BOUND_M = accuracy.BOUND_RELATIVE = 1e-9\n"
        "sys.argv[1:] = ['--pairs', '100']\n"
        "sys.exit(accuracy.main())"
    )
    paths = os.pathsep.join([str(BENCH), str(BENCH.parent), os.environ.get("PYTHONPATH", "")])
    variables = os.environ | {"PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", code], env=variables, check=False)
    assert done.returncode == 1


@pytest.mark.parametrize("name", ["cpu.csv"])
def test_committed_results_are_whole(name):
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
