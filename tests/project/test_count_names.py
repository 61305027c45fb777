"""The script that counts how functions are named, on small sources with known counts."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.paths import ROOT

SCRIPT = ROOT / "tools" / "count_names.py"

SOURCE = """
MAX_ROWS = 3
_LEAST_SHARE, DEFAULT_SIZE = 0.1, 4
SURE: float = 0.8
UTMOST = 1
most = 2

def _told(): ...
def allowed_towns():
    def _line():
        return 1
    return _line
async def taken_by_file(): ...
def read_text(): ...
class Box:
    def __init__(self): ...
    def _two_words(self): ...
    def embed(self): ...
    def writing(self): ...
"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("count_names", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[spec.name]
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "part").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "names.py").write_text(SOURCE)
    (tmp_path / "part" / "empty.py").write_text("")
    (tmp_path / "part" / "other.py").write_text("x = 1\n")
    (tmp_path / "tests" / "test_names.py").write_text("def _told(): ...\n")
    return tmp_path


def offenders(script: ModuleType, folder: Path, kind: str) -> list[str]:
    return [name.name for name in script.list_offenders(script.count_modules([folder]), kind)]


@pytest.mark.parametrize(
    "name",
    ["decided", "_told", "opened", "given", "writing", "written_as", "allowed_towns", "_left"],
)
def test_first_word_is_a_participle(script: ModuleType, name: str) -> None:
    assert script.starts_with_participle(name)


@pytest.mark.parametrize(
    "name",
    ["read_text", "embed", "_need", "seed", "ring", "string", "encoding", "settings", "towns_told"],
)
def test_first_word_is_no_participle(script: ModuleType, name: str) -> None:
    assert not script.starts_with_participle(name)


def test_a_participle_before_a_noun_is_not_bare(script: ModuleType) -> None:
    assert script.is_bare_participle("_told")
    assert script.is_bare_participle("taken_by_file")
    assert not script.is_bare_participle("allowed_towns")
    assert not script.is_bare_participle("_")


def test_private_names_of_one_word(script: ModuleType) -> None:
    assert script.is_private_word("_line")
    assert not script.is_private_word("line")
    assert not script.is_private_word("_town_mask")
    assert not script.is_private_word("__init__")


def test_offenders_by_kind(script: ModuleType, folder: Path) -> None:
    assert offenders(script, folder, "participles") == [
        "_told",
        "allowed_towns",
        "taken_by_file",
        "writing",
    ]
    assert offenders(script, folder, "bare") == ["_told", "taken_by_file", "writing"]
    assert offenders(script, folder, "private") == ["_told", "_line"]
    assert offenders(script, folder, "constants") == ["_LEAST_SHARE", "SURE"]


def test_figures(script: ModuleType, folder: Path) -> None:
    figures = script.calculate_figures(script.count_modules([folder]))
    assert figures == {
        "functions": 8,
        "participles": 50.0,
        "bare": 37.5,
        "private": 25.0,
        "constants": 50.0,
        "folders": 2,
        "modules_median": 1.5,
        "modules_max": 2,
        "length_median": 1,
    }
    assert figures.keys() == script.ROWS.keys()


def test_lists_name_path_and_line(
    script: ModuleType, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main(["--list", "private", str(folder)]) == 0
    path = folder / "names.py"
    assert capsys.readouterr().out == f"{path}:8 _told\n{path}:10 _line\n"


def test_limits_decide_the_exit_status(
    script: ModuleType, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = ["--max-participles", "50", "--max-private", "25", str(folder)]
    assert script.main(limits) == 0
    assert script.main([*limits[:3], "24.9", str(folder)]) == 1
    assert "private one-word names: 25 % is above 24.9 %" in capsys.readouterr().err
    assert script.main(["--max-participles", "49", str(folder)]) == 1


def test_figures_stand_beside_those_that_were_saved(
    script: ModuleType,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(script, "PACKAGES", (str(folder),))
    monkeypatch.setattr(script, "BASELINE", folder / "baseline.json")
    monkeypatch.setattr(script, "current_commit", lambda: "0123456789")
    assert script.main(["--save"]) == 0
    saved = json.loads((folder / "baseline.json").read_text())
    assert saved.keys() == {"date", "commit", "figures"}
    (folder / "names.py").write_text("def _told(): ...\ndef row(): ...\n")
    capsys.readouterr()
    script.main([])
    table = capsys.readouterr().out
    assert f"last time: {saved['date']}, 0123456789" in table
    row = next(line for line in table.splitlines() if line.startswith("private"))
    assert row.split()[-7:] == ["50", "%", "25", "%", "<", "5", "%"]


@pytest.mark.parametrize("source", [None, "def (:\n"])
def test_nothing_to_read_is_one_line(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str | None
) -> None:
    if source is not None:
        (tmp_path / "broken.py").write_text(source)
    with pytest.raises(SystemExit) as caught:
        script.main([str(tmp_path)])
    assert caught.value.code == 2
    assert str(tmp_path) in capsys.readouterr().err.splitlines()[-1]


def test_the_kept_figures_have_all_rows(script: ModuleType) -> None:
    baseline = json.loads(script.BASELINE.read_text())
    assert baseline.keys() == {"date", "commit", "figures"}
    assert baseline["figures"].keys() == script.ROWS.keys()
