"""The command that adds an extra is the one of the environment that this program runs in."""

import sys
from pathlib import Path

import pytest

from geoagent_graph.installation import extra_command, install_command


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment of its own, which has pip."""
    folder = tmp_path / "geoagent-graph"
    folder.mkdir()
    monkeypatch.setattr(sys, "prefix", str(folder))
    monkeypatch.setattr(sys, "executable", str(folder / "bin" / "python"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    return folder


def test_pip_installs_beside_what_pip_has_installed(home: Path) -> None:
    assert extra_command("serve") == "pip install 'geoagent-graph[serve]'"
    assert extra_command("serve", "mcp") == "pip install 'geoagent-graph[serve,mcp]'"
    assert install_command("eldc", "wandb") == "pip install eldc wandb"


def test_pipx_injects_into_the_environment_that_it_made(home: Path) -> None:
    (home / "pipx_metadata.json").write_text("{}")
    assert extra_command("heic") == "pipx inject geoagent-graph 'geoagent-graph[heic]'"


def test_uv_is_told_which_python(home: Path) -> None:
    (home / "uv-receipt.toml").write_text("")
    python = home / "bin" / "python"
    assert extra_command("heic") == f"uv pip install --python {python} 'geoagent-graph[heic]'"


def test_without_pip_it_is_uv_that_made_the_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert install_command("eldc").startswith("uv pip install --python ")
