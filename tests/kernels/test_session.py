"""The GPU session without a GPU: every stage runs, every kernel is launched, rows are written."""

import csv
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from tests.support.paths import ROOT
from tests.support.warm_python import open_warm_python

SESSION = ROOT / "kernels" / "gpu" / "session.sh"
STAGES = ("machine", "smoke", "rewards", "search", "tests", "memcheck", "racecheck", "rivals")
REFUSED = ("scipy", "hypothesis", "pytest_asyncio", "matplotlib", "pykdtree", "faiss", "sklearn")


@pytest.fixture(scope="module")
def dry_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a dry run in which nothing but torch, triton, numpy, pytest is there."""
    out, bare = tmp_path_factory.mktemp("session"), tmp_path_factory.mktemp("bare")
    names = (*REFUSED, "reverse_geocoder")
    (bare / "sitecustomize.py").write_text(
        "from functools import partial\n"
        "from importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        "def find_allowed(name, path=None, target=None):\n"
        f"    return None if name.split('.')[0] in {names!r} else find(name, path, target)\n"
        "PathFinder.find_spec = partial(find_allowed)\n"
    )
    # one start for the ten processes of a session: each is a fork of what has imported torch
    with pytest.MonkeyPatch.context() as patched, _python_that_finds(bare, patched) as python:
        environment = {**os.environ, "OUT": str(out), "PY": python, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            ["bash", str(SESSION), "--dry-run"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    logs = "\n".join(path.read_text() for path in sorted(out.glob("*.log")))
    assert done.returncode == 0, f"{done.stdout}\n{logs}"
    return out


@contextmanager
def _python_that_finds(bare: Path, patched: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield a Python that looks for its `sitecustomize` in a folder."""
    patched.delenv("TRITON_INTERPRET", raising=False)  # read when Triton is imported
    if sys.platform != "linux":  # no forks: every process starts by itself
        program = bare / "python"
        found = f'PYTHONPATH="{bare}:$PYTHONPATH"'
        program.write_text(f'#!/bin/sh\n{found} exec "{sys.executable}" "$@"\n')
        program.chmod(0o755)
        yield str(program)
        return
    with open_warm_python("kernels", first_path=bare) as python:
        yield python


def test_every_stage_passes(dry_run: Path) -> None:
    said = (dry_run / "stages.txt").read_text().splitlines()
    assert [line.split(":")[0] for line in said[:-1]] == [*STAGES, "profiler", "plot"]
    assert all(": passed" in line for line in said[:-1])


def test_every_kernel_is_launched_through_the_compiler(dry_run: Path) -> None:
    last = (dry_run / "smoke.log").read_text().splitlines()[-1]
    assert last.endswith("never: none"), last


def test_rows_and_picture(dry_run: Path) -> None:
    with (dry_run / "gpu.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    ours = {row["op"] for row in rows if row["provider"] == "geoagent_kernels"}
    assert {"spatial_reward", "geo_batch_reward", "geo_topk", "nearest"} <= ours
    assert {row["op"] for row in rows if row["provider"] != "geoagent_kernels"} == ours - {
        "nearest"
    }
    assert "not installed" in (dry_run / "rivals.log").read_text()
    picture = ET.parse(dry_run / "gpu.svg").getroot()
    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == len(rows)


@pytest.mark.parametrize("off", [False, True])
def test_smoke_tells_right_from_wrong(
    load_script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, off: bool
) -> None:
    """In the interpreter here, on the GPU there: the comparison is the same."""
    monkeypatch.syspath_prepend(ROOT / "kernels" / "gpu")
    smoke = load_script("gpu/smoke.py")
    if off:
        right = smoke.call

        def shifted(case: Any, device: torch.device, engine: str) -> list[torch.Tensor]:
            return [x + float(engine == "triton") for x in right(case, device, engine)]

        monkeypatch.setattr(smoke, "call", shifted)
    wanted = ("great_circle", "spatial_reward 1000", "group_advantage 96", "by id G=5")
    seen = {
        case.name.split()[0]: smoke.within(case, torch.device("cpu"))
        for case in smoke.cases(9)
        if case.name.startswith(wanted)
    }
    assert len(seen) == len(wanted)
    assert set(seen.values()) == {not off}


def test_without_a_gpu_the_smoke_test_says_what_to_do(
    load_script: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.syspath_prepend(ROOT / "kernels" / "gpu")
    smoke = load_script("gpu/smoke.py")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["smoke.py"])
    with pytest.raises(SystemExit) as ended:
        smoke.main()
    assert ended.value.code == 2
    assert "--dry-run" in capsys.readouterr().err
