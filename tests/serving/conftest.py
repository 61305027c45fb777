"""Fixtures of the tests against a real server; without one they are skipped."""

import os
import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

SHARED = ROOT.parent / "shared" / "data" / "dev" / "images"


@pytest.fixture(scope="session")
def base_url() -> str:
    """Return the server's address; `make serving` starts one."""
    url = os.environ.get("GEOAGENT_TEST_SERVER")
    if not url:
        pytest.skip("no model server: make serving")
    return url


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return drawn photos of a street."""
    draw_street: Any = runpy.run_path(str(ROOT / "tools" / "draw_street.py"))["draw_street"]
    folder = tmp_path_factory.mktemp("drawn")
    photos = []
    for seed in range(3):
        photos.append(folder / f"street{seed}.jpg")
        draw_street(seed).resize((1200, 800)).save(photos[-1], quality=90)
    return photos


@pytest.fixture(scope="session")
def photos(drawn: list[Path]) -> list[Path]:
    """Return drawn photos, and real ones where the project's are beside this clone."""
    return [*drawn, *sorted(SHARED.glob("*.jpg"))[:3]]
