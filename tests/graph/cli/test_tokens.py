"""`geoagent tokens` as a person types it."""

import json
import stat
from pathlib import Path
from typing import Any

from tests.support import scripted_cli


def test_a_token_is_printed_once(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "people" / "tokens.json"
    assert scripted_cli.run("tokens", "add", "Ana", "--file", path) == 0
    shown = capsys.readouterr()
    token = shown.out.strip()
    assert len(token) >= 40
    assert token not in shown.err
    assert f"geoagent serve --tokens {path}" in shown.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert scripted_cli.run("tokens", "list", "--file", path, "--json") == 0
    listed = capsys.readouterr().out
    assert [row["name"] for row in json.loads(listed)] == ["Ana"]
    assert token not in listed
    assert scripted_cli.run("tokens", "add", "Ana", "--file", path) == 2
    assert "has a token already" in capsys.readouterr().err
    assert scripted_cli.run("tokens", "remove", "Ana", "--file", path) == 0
    assert scripted_cli.run("tokens", "list", "--file", path) == 0
    assert capsys.readouterr().out == ""


def test_printed_commands_can_be_pasted(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "of my team.json"
    assert scripted_cli.run("tokens", "list", "--file", path) == 2
    assert f"geoagent tokens add NAME --file '{path}'" in capsys.readouterr().err
    assert scripted_cli.run("tokens", "add", "Ana Sousa", "--file", path) == 0
    assert f"geoagent serve --tokens '{path}'" in capsys.readouterr().err
    assert scripted_cli.run("tokens", "add", "Ana Sousa", "--file", path) == 2
    assert f"geoagent tokens remove 'Ana Sousa' --file '{path}'" in capsys.readouterr().err
    path.chmod(0o644)
    assert scripted_cli.run("tokens", "list", "--file", path) == 2
    assert f"chmod 600 '{path}'" in capsys.readouterr().err


def test_tokens_lie_in_the_folder_of_cases(tmp_path: Path, capsys: Any) -> None:
    assert scripted_cli.run("tokens", "add", "Ana", "--home", tmp_path) == 0
    assert (tmp_path / "tokens.json").is_file()


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: Any) -> None:
    assert scripted_cli.run("serve", "--tokens", tmp_path / "none.json") == 2
    said = capsys.readouterr().err
    assert "geoagent tokens add NAME" in said
    assert said.count("\n") == 1
