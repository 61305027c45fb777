"""Fixtures of the tests against a real server; without one they are skipped."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "dev" / "images"


@pytest.fixture(scope="session")
def base_url() -> str:
    """Return the server's address; `tests/serving/run.sh` starts one."""
    url = os.environ.get("GEOAGENT_TEST_SERVER")
    if not url:
        pytest.skip("no model server: run tests/serving/run.sh")
    return url


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return real photos where the project's are at hand, else drawn ones."""
    real = sorted(SHARED.glob("*.jpg"))[:6]
    if real:
        return real
    folder = tmp_path_factory.mktemp("photos")
    drawn = []
    for number in range(6):
        pixels = np.random.default_rng(number).integers(0, 255, (360, 480, 3), np.uint8)
        drawn.append(folder / f"drawn{number}.jpg")
        Image.fromarray(pixels).save(drawn[-1])
    return drawn
