"""One line on what pulling would bring: only where nothing is claimed, and only on stderr."""

from pathlib import Path

import pytest

from geoagent_graph.cli.pull_advice import pull_advice
from geoagent_graph.installation import extra_command
from geoagent_graph.settings import Settings
from geoagent_graph.types import Answer, Clue
from tests.support.answers import porto_answer, unknown_answer
from tests.support.scripted_cli import install, run
from tests.support.weight_rows import place_row


def _advice(folder: Path, *answers: Answer, policy: str = "evidence") -> str:
    return pull_advice(answers, policy, Settings(weights_dir=folder)) or ""


def test_an_answer_gets_no_advice_and_no_claim_one_line(tmp_path: Path) -> None:
    assert _advice(tmp_path, porto_answer()) == ""
    assert _advice(tmp_path, unknown_answer(), policy="served") == ""
    said = _advice(tmp_path, porto_answer(), unknown_answer())
    assert said == (
        "nothing is claimed; `geoagent weights pull geoclip` and `geoagent weights pull "
        "clip-vit-l14` (1.8 GB, MIT) bring GeoCLIP, which sees photos here; `geoagent weights pull "
        "qwen3-vl-4b-gguf` (3.0 GB, Apache-2.0) brings a model that sees photos, on a server"
    )
    assert list(tmp_path.iterdir()) == []


def test_geoclip_that_nothing_runs_names_what_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoagent_graph.perception.tower_encoder.NEEDED", ("no_such_module",))
    see = f"`{extra_command('see')}`"
    said = _advice(tmp_path, unknown_answer())
    assert f"nothing is claimed; {see} and `geoagent weights pull geoclip`" in said
    monkeypatch.setattr(
        "geoagent_graph.perception.open_encoder.missing_geoclip_rows", lambda settings: ()
    )
    said = _advice(tmp_path, unknown_answer())
    assert f"nothing is claimed; {see} lets GeoCLIP see photos here; " in said


def test_what_was_pulled_is_named_first(tmp_path: Path) -> None:
    place_row(tmp_path, "qwen3-vl-8b-gguf")
    assert "--policy served --weights qwen3-vl-8b-gguf" in _advice(tmp_path, unknown_answer())


def test_writing_that_nothing_reads_is_what_can_be_helped_cheapest(tmp_path: Path) -> None:
    clue = Clue(id="script:1", kind="script", text="writing", source="text_reader:rapidocr")
    unread = unknown_answer().model_copy(update={"clues": (clue,)})
    assert "geoagent weights pull ocr-" in _advice(tmp_path, unread)
    place_row(tmp_path, "ocr-thai")
    assert "qwen3-vl-4b-gguf" in _advice(tmp_path, unread)


@pytest.mark.parametrize(
    ("options", "out", "err"),
    [((), 1, 0), (("--json",), 0, 1), (("--quiet",), 1, 0), (("--json", "--quiet"), 0, 0)],
)
def test_locate_says_it_once_with_the_answer_or_on_stderr(
    options: tuple[str, ...],
    out: int,
    err: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    install(monkeypatch, abstain=True)
    monkeypatch.setenv("GEOAGENT_WEIGHTS_DIR", str(tmp_path / "none"))
    (tmp_path / "a.jpg").write_bytes(b"photo")
    assert run("locate", tmp_path / "a.jpg", *options) == 3
    said = capsys.readouterr()
    found = [
        sum("geoagent weights pull" in line for line in text.splitlines())
        for text in (said.out, said.err)
    ]
    assert found == [out, err]
