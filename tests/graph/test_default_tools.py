"""Which retriever the settings and arguments open, before any slow table is read."""

from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.default_tools import country_codes_of, open_retriever, open_toolbox
from geoagent_graph.errors import InputError, ReferenceIndexError
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.visual_weights import visual_file_text
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.settings import Settings
from geoagent_graph.testing import FixedPhotoPlaces
from tests.support.plugin_folder import install_plugin
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


PLUGIN = """
import numpy as np
from geoagent_graph.testing import FixedPhotoPlaces

def open_flat(settings, gazetteer):
    return FixedPhotoPlaces(np.zeros(len(gazetteer.lat_deg), np.float32))
"""


def test_a_plug_in_sees_photos_unless_its_source_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = "geoagent_graph.photo_places"
    install_plugin(tmp_path, "flat_places", {group: {"flat": "flat_places:open_flat"}}, PLUGIN)
    monkeypatch.syspath_prepend(str(tmp_path))
    settings = Settings(photo_places="flat", weights_dir=tmp_path / "weights")
    seeing = open_toolbox(settings)
    assert seeing.photo_places is not None
    assert seeing.photo_places.places_id == "fixed/v1"
    blind = open_toolbox(settings, without_sources=("photo_places",))
    assert blind.photo_places is None
    assert open_toolbox(Settings(weights_dir=tmp_path / "weights")).photo_places is None


def test_weights_fitted_for_another_model_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoagent_graph.default_tools.open_plugin", _open_small)
    path, weights = tmp_path / "visual.json", parameters().visual
    path.write_text(visual_file_text(weights, "another"))
    with pytest.raises(InputError, match="was fitted for 'another', but fixed/v1 is in use"):
        open_toolbox(Settings(photo_places="flat", visual_weights=path))


def _open_small(group: str, name: str, settings: Settings, gazetteer: Gazetteer) -> object:
    del group, name, settings
    return FixedPhotoPlaces(np.zeros(len(gazetteer.lat_deg), np.float32))
