"""Fixtures of all tests: compiled tables are made once in a run."""

from collections.abc import Iterator

import pytest

from geoagent_graph.settings import load_settings


@pytest.fixture(scope="session", autouse=True)
def _tables_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let all tests share the tables that the tests of `geo` compile, unless the user has some."""
    with pytest.MonkeyPatch.context() as patch:
        if not load_settings().cache_dir.exists():
            folder = tmp_path_factory.getbasetemp() / "place-tables"
            patch.setenv("GEOAGENT_CACHE_DIR", str(folder))
        yield
