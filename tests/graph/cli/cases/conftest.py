"""Fixtures of the tests of the case commands."""

from pathlib import Path

import pytest

from tests.support.cases import photo_bytes
from tests.support.scripted_cli import install


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a photo; the command line opens scripted tools and keeps cases beside it."""
    monkeypatch.setenv("GEOAGENT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    install(monkeypatch)
    path = tmp_path / "street.png"
    path.write_bytes(photo_bytes())
    return path
