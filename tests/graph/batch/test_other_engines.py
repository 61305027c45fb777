"""The same rows under Ray, Daft and Spark, where they are installed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.support.batches import kept_rows
from tests.support.paths import ROOT


def needs(package: str) -> pytest.MarkDecorator:
    """Skip a test where a package is not installed."""
    is_there = importlib.util.find_spec(package) is not None
    return pytest.mark.skipif(not is_there, reason=f"{package} is not installed")


def _run(*command: object) -> str:
    folders = [ROOT, *(ROOT / name for name in ("kernels", "training", "evaluation"))]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "PYSPARK_PYTHON": sys.executable,
    }
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode in (0, 1, 3), done.stderr[-2000:]
    return done.stdout


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (64, 48), (60 * number, 90, 120)).save(folder / f"{number}.jpg")
    (folder / "bad.jpg").write_text("no photo")
    return folder


@needs("ray")
def test_ray_gives_the_rows_of_the_local_engine(photos: Path, tmp_path: Path) -> None:
    for engine in ("local", "ray"):
        out = tmp_path / engine
        _run(
            "-m", "geoagent_graph.cli", "batch", photos, "--out", out, "--engine", engine,
            "--workers", "1",
        )  # fmt: skip
    rows = {
        engine: [{**row, "seconds": None} for row in kept_rows(tmp_path / engine)]
        for engine in ("local", "ray")
    }
    assert len(rows["ray"]) == 4
    assert rows["ray"] == rows["local"]


@pytest.mark.parametrize(
    "example",
    [
        pytest.param("batch_daft", marks=needs("daft")),
        pytest.param("batch_spark", marks=needs("pyspark")),
    ],
)
def test_the_examples_locate_the_same_photos(photos: Path, example: str) -> None:
    lines = _run(ROOT / "examples" / f"{example}.py", photos).splitlines()
    found = {Path(line.split("\t")[0]).name: line for line in lines if ".jpg\t" in line}
    assert set(found) == {"0.jpg", "1.jpg", "2.jpg", "bad.jpg"}
    assert "not a photo" in found["bad.jpg"]
