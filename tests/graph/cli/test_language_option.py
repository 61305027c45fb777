"""`--language` and `GEOAGENT_LANGUAGE`: people are spoken to in it, programs are not."""

import json
from pathlib import Path

import pytest
from PIL import Image

from geoagent_graph.cli import exit_codes
from geoagent_graph.translation import current_language
from tests.support.scripted_cli import install, printed


@pytest.fixture
def photo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    install(monkeypatch)
    monkeypatch.delenv("GEOAGENT_LANGUAGE", raising=False)
    monkeypatch.setenv("GEOAGENT_HOME", str(tmp_path / "home"))
    path = tmp_path / "photo.png"
    Image.new("RGB", (64, 48)).save(path)
    return path


def test_the_answer_and_the_report_speak_the_language(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"
    status, said = printed(capsys, "locate", photo, "-q", "--language", "de", "--html", report)
    assert status == exit_codes.ANSWERED
    assert "Ebene       Stadt\n" in said
    assert 'lang="de"' in report.read_text("utf-8")
    assert current_language().tag == "en"


def test_the_settings_choose_the_language_and_the_option_stands_before_them(
    photo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEOAGENT_LANGUAGE", "zh")
    assert "层级" in printed(capsys, "locate", photo, "-q")[1]
    assert "Niveau" not in printed(capsys, "locate", photo, "-q", "--language", "en")[1]
    assert "niveau" in printed(capsys, "locate", photo, "-q", "--language", "fr")[1]


def test_json_is_english_in_every_language(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = []
    for tag in ("en", "ar"):
        said = printed(capsys, "locate", photo, "-q", "--json", "--language", tag)[1]
        answer = json.loads(said)
        for timed in (answer, *answer["trace"], *answer["tools"]):
            timed.pop("seconds")
        for step in answer["trace"]:
            for call in step["tools"]:
                call.pop("seconds")
        answers.append(answer)
    assert answers[0] == answers[1]


def test_a_case_is_kept_in_english_and_shown_in_any_language(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "investigate", photo, "--case", "one", "-q", "--language", "ar")
    assert "evidence" in printed(capsys, "show", "one", "--json", "--language", "es")[1]
    spanish, english = (
        printed(capsys, "show", "one", "--language", tag)[1] for tag in ("es", "en")
    )
    assert "Lisbon" in english
    assert spanish != english
    assert not any(word in english for word in ("seguro", "مدينة"))


def test_a_language_that_nobody_speaks_is_one_sentence(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys, "locate", photo, "--language", "xx")[0] != exit_codes.ANSWERED
    assert "there are en (English), es (Español)" in printed_error(capsys, photo)


def printed_error(capsys: pytest.CaptureFixture[str], photo: Path) -> str:
    from tests.support.scripted_cli import run

    capsys.readouterr()
    run("locate", photo, "--language", "xx")
    return capsys.readouterr().err
