"""Fixtures of the agent's tests."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real photos beside the project; skip the test without it."""
    folder = Path(__file__).parents[2].parent / "shared" / "data"
    if not (folder / "dev" / "metadata.jsonl").exists():
        pytest.skip("the project's shared photos are not beside this clone")
    return folder
