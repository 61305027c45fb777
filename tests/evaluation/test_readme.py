"""What the README says: its examples run, and its table has every metric that scoring gives."""

import re
import shlex
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from geoagent_evaluation.cli import main
from geoagent_evaluation.contract.places import PlaceCodes
from geoagent_evaluation.contract.tables import Floats
from geoagent_evaluation.scoring.score import score_files

from tests.support.paths import ROOT

TEXT = (ROOT / "evaluation" / "README.md").read_text()
FILES = re.findall(r"```jsonl (\S+)\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [
    line for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
]  # fmt: skip
ENDINGS = ("_of_claims", "_by_polygon", "_by_nearest_town")


class _Nowhere:
    def codes(self, lat_deg: Floats, lon_deg: Floats) -> PlaceCodes:
        """Return one place for all."""
        n = len(lat_deg)
        return PlaceCodes(["PT"] * n, ["PT-11"] * n, ["1"] * n)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, content in FILES:
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_its_examples_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(COMMANDS) >= 2
    for line in COMMANDS:
        program, *arguments = shlex.split(line)
        assert program == "geoagent-eval"
        assert main(arguments) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert "within_25_km" in out
    assert "3 photos that all systems have" in out
    assert (folder / "scored" / "score.json").exists()


def test_its_table_explains_every_metric(folder: Path) -> None:
    rows = (folder / "predictions.jsonl").read_text()
    (folder / "p.jsonl").write_text(rows.replace('"level"', '"cost": 1, "seconds": 2, "level"'))
    scored = score_files(folder / "p.jsonl", folder / "truth.jsonl", places={"polygon": _Nowhere()})
    known = re.findall(r"`([a-z0-9_*]+)`", TEXT)
    found = {figure.metric for figure in scored.score.figures}
    for ending in ENDINGS:
        found = {metric.removesuffix(ending) for metric in found}
    assert len(found) > 30
    assert [m for m in sorted(found) if not any(fnmatchcase(m, name) for name in known)] == []
