"""The command of another project that is first on the PATH is found out, and never run."""

import json
import os
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cli.path_command import find_path_command, package_of_script
from tests.support.scripted_cli import run

SCRIPT = """#!/usr/bin/python3
# -*- coding: utf-8 -*-
import re
import sys
from {module} import main
if __name__ == "__main__":
    open({trap!r}, "w").close()
    sys.exit(main())
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is first on the PATH."""
    first = tmp_path / "bin"
    first.mkdir()
    monkeypatch.setenv("PATH", f"{first}{os.pathsep}{os.environ['PATH']}")
    return first


def put_command(folder: Path, module: str) -> Path:
    path = folder / "geoagent"
    path.write_text(SCRIPT.format(module=module, trap=str(folder / "was-run")))
    path.chmod(0o755)
    return path


def test_a_command_of_another_project_is_told_and_not_run(folder: Path, capsys: Any) -> None:
    path = put_command(folder, "geoagent.cli")
    found = find_path_command()
    assert (found.program, found.path, found.package) == ("another", path, "geoagent")
    assert run("doctor") == 0  # photos can be located all the same
    out = capsys.readouterr().out
    assert "starts another program (its package is geoagent)" in " ".join(out.split())
    assert "geoagent-graph" in out
    assert run("doctor", "--json") == 0
    findings = {tool["name"]: tool for tool in json.loads(capsys.readouterr().out)["tools"]}
    assert findings["command"]["state"] == "partly"
    assert not (folder / "was-run").exists()


def test_our_own_command_is_known_by_its_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    put_command(folder, "geoagent_graph.cli.app")
    assert find_path_command().program == "ours of another Python"
    run("doctor")
    assert "of another Python" in capsys.readouterr().out
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(folder))
    assert find_path_command().program == "ours"


def test_a_link_to_our_command_is_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = folder.parent / "scripts"
    scripts.mkdir()
    (folder / "geoagent").symlink_to(put_command(scripts, "geoagent_graph.cli.app"))
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(scripts))
    assert find_path_command().program == "ours"


def test_what_cannot_be_read_is_not_guessed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path = put_command(folder, "x")
    path.write_text('#!/bin/sh\nexec pyenv exec geoagent "$@"\n')
    assert find_path_command().program == "unknown"
    run("doctor")
    assert "cannot be told" in capsys.readouterr().out
    monkeypatch.setenv("PATH", str(folder.parent))
    assert find_path_command().program == "none"
    run("doctor")
    assert "python -m geoagent_graph.cli" in capsys.readouterr().out


def test_a_launcher_of_windows_carries_its_script(folder: Path) -> None:
    path = folder / "geoagent"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__main__.py", SCRIPT.format(module="geoagent.cli", trap="x"))
    path.write_bytes(b"MZ launcher" + path.read_bytes())
    path.chmod(0o755)
    assert find_path_command().package == "geoagent"


@pytest.mark.parametrize(
    ("script", "package"),
    [
        ("import sys\nfrom geoagent_graph.cli.app import main\n", "geoagent_graph"),
        ("from geoagent_graph_tools import main\n", "geoagent_graph_tools"),
        ("__requires__ = 'geoagent-graph==0.1.0'\nimport pkg_resources\n", "geoagent_graph"),
        (
            "__requires__ = 'GeoAgent==1.0'\nimport re\nfrom geoagent.cli import x\n",
            "geoagent",
        ),
        ("", None),
    ],
)
def test_start_scripts_of_several_installers(script: str, package: str | None) -> None:
    assert package_of_script(script) == package
