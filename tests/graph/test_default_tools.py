"""Which retriever the settings and arguments open, before any slow table is read."""

from pathlib import Path

import pytest

from geoagent_graph.default_tools import country_codes_of, open_retriever, open_toolbox
from geoagent_graph.errors import InputError, ReferenceIndexError
from geoagent_graph.settings import Settings
from tests.support.small_gazetteer import small_gazetteer


def test_without_an_index_there_is_no_retriever() -> None:
    assert open_retriever(Settings()) is None


def test_a_missing_plug_in_or_index_is_said_at_once(tmp_path: Path) -> None:
    settings = Settings(cache_dir=tmp_path / "none")
    with pytest.raises(InputError, match=r"^no-such: no such plug-in of geoagent_graph.retrievers"):
        open_toolbox(settings, retriever="no-such")
    with pytest.raises(ReferenceIndexError, match="no-index"):
        open_toolbox(settings, index=tmp_path / "no-index")
    assert not settings.cache_dir.exists()  # no table was compiled for it


def test_countries_belong_to_their_continent() -> None:
    assert country_codes_of(small_gazetteer()) == {
        "EU": frozenset({"DE", "ES", "PT"}),
        "OC": frozenset({"FJ"}),
    }
