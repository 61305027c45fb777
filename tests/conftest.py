"""Fixtures of all tests: compiled tables are made once in a run."""

import gc
from collections.abc import Iterator

import pytest

from geoagent_graph.settings import load_settings
from tests.support.warm_python import open_warm_python

# Imports and tests make millions of objects that stay: looking for garbage among them again and
# again is a tenth of the suite.
gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep the collector away from what was imported for the tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def warm_python() -> Iterator[str]:
    """Return the path of a `python` that has imported the packages; see `tests.support`."""
    with open_warm_python() as path:
        yield path


@pytest.fixture(scope="session", autouse=True)
def _tables_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let all tests share the tables that the tests of `geo` compile, unless the user has some."""
    with pytest.MonkeyPatch.context() as patch:
        if not load_settings().cache_dir.exists():
            folder = tmp_path_factory.getbasetemp() / "place-tables"
            patch.setenv("GEOAGENT_CACHE_DIR", str(folder))
        yield
