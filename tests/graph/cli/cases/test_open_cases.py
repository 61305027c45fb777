"""Cases are opened where they were asked for, and with the tools that they were begun with."""

from pathlib import Path

import pytest

from geoagent_graph.cli.cases.open_cases import open_store, settings_in, tools_for
from geoagent_graph.errors import InputError
from geoagent_graph.settings import Settings
from tests.support.cases import begin
from tests.support.scripted_cli import install


def ignore(share: float, words: str) -> None:
    assert 0.0 <= share <= 1.0, words


def test_a_folder_that_was_given_comes_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOAGENT_HOME", str(tmp_path / "environment"))
    assert settings_in(None).home == tmp_path / "environment"
    assert settings_in(tmp_path / "given").home == tmp_path / "given"


async def test_the_cases_of_a_folder_are_found(tmp_path: Path) -> None:
    assert list(open_store(tmp_path).names()) == []
    await begin(tmp_path)
    assert list(open_store(tmp_path).names()) == ["one"]


def test_tools_are_opened_when_they_are_called_for_as_they_were_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = install(monkeypatch)
    opened = tools_for(Settings(home=tmp_path), {"index": str(tmp_path / "index")}, ignore)
    assert asked == []
    opened()
    assert [call["index"] for call in asked] == [tmp_path / "index"]


def test_a_policy_that_is_not_there_any_more_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    opened = tools_for(Settings(home=tmp_path), {"policy": "oracle"}, ignore)
    with pytest.raises(InputError, match="oracle"):
        opened()
