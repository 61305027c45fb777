"""`geoagent doctor` says what is installed, what is missing, and what that stops."""

import json
from importlib import metadata
from pathlib import Path

import pytest

from geoagent_graph.cli import doctor
from geoagent_graph.cli.doctor_weights import check_photo_places
from geoagent_graph.installation import extra_command, install_command
from geoagent_graph.settings import Settings
from tests.support.scripted_cli import run


def test_what_is_installed_is_found(tmp_path: Path) -> None:
    diagnosis = doctor.diagnose(Settings(cache_dir=tmp_path / "cache"))
    assert diagnosis.ready
    tools = {tool.name: tool for tool in diagnosis.tools}
    assert f"faiss-cpu {metadata.version('faiss-cpu')}" in tools["reference index"].found
    assert "Latn" in diagnosis.scripts
    assert "empty; filled on first use" in tools["cache"].found
    assert not (tmp_path / "cache").exists()


def test_a_missing_package_is_named_with_what_it_stops(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = metadata.version

    def version(package: str) -> str:
        if package == "phonenumbers":
            raise metadata.PackageNotFoundError(package)
        return real(package)

    monkeypatch.setattr(metadata, "version", version)
    assert run("doctor") == 1
    out = capsys.readouterr().out
    assert install_command("phonenumbers") in out
    assert "needs evidence" in out
    assert "A photo cannot be located yet." in out


def test_without_the_language_detector_photos_are_located_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = doctor._package_version
    monkeypatch.setattr(
        doctor, "_package_version", lambda name: None if name == "eldc" else real(name)
    )
    diagnosis = doctor.diagnose(Settings(cache_dir=tmp_path))
    assert diagnosis.ready
    language = {tool.name: tool for tool in diagnosis.tools}["language"]
    assert (language.state, language.found) == ("partly", "")
    assert install_command("eldc") in language.advice


def test_without_tesseract_the_advice_is_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    tools = {t.name: t for t in doctor.diagnose(Settings(cache_dir=tmp_path)).tools}
    assert tools["scripts"].state == "partly"
    assert "tesseract-ocr-script" in tools["scripts"].advice


def test_a_read_only_cache_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    empty = doctor.diagnose(Settings(cache_dir=tmp_path))
    assert not empty.ready
    (tmp_path / "gazetteer.table").write_bytes(b"x")
    filled = doctor.diagnose(Settings(cache_dir=tmp_path))
    assert filled.ready
    assert "GEOAGENT_CACHE_DIR" in {t.name: t for t in filled.tools}["cache"].advice


@pytest.mark.parametrize(("heif", "state"), [(None, "partly"), ("1.8.1", "ok")])
def test_the_photo_formats_and_the_extra_for_heic_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, heif: str | None, state: str
) -> None:
    real = doctor._package_version
    monkeypatch.setattr("PIL.features.check", lambda name: True)
    monkeypatch.setattr(
        doctor, "_package_version", lambda name: heif if name == "pillow-heif" else real(name)
    )
    tools = {tool.name: tool for tool in doctor.diagnose(Settings(cache_dir=tmp_path)).tools}
    formats = tools["photo formats"]
    assert formats.state == state
    assert ("HEIC" in formats.found) is (heif is not None)
    assert ("geoagent-graph[heic]" in formats.advice) is (heif is None)


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("doctor", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ready"] is True
    assert [policy["name"] for policy in report["policies"]] == [
        "evidence",
        "served",
        "transformers",
    ]


def test_a_wrong_setting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEOAGENT_THREADS", "zero")
    assert run("doctor") == 2
    error = capsys.readouterr().err
    assert error.startswith("geoagent: error: GEOAGENT_THREADS")
    assert len(error.splitlines()) == 1


def test_what_sees_photos_and_what_is_missing_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(weights_dir=tmp_path / "none")
    found = check_photo_places(settings)
    assert (found.state, found.advice) == (
        "partly", "geoagent weights pull geoclip; geoagent weights pull clip-vit-l14",
    )  # fmt: skip
    monkeypatch.setattr("geoagent_graph.perception.tower_encoder.NEEDED", ("no_such_module",))
    advice = check_photo_places(settings).advice
    assert advice.startswith(f"{extra_command('see')}; geoagent weights pull geoclip")
    for mode, state in (("none", "partly"), ("mine", "ok")):
        changed = settings.model_copy(update={"photo_places": mode})
        assert check_photo_places(changed).state == state
