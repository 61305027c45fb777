"""Names a letter or two off."""

import pytest

from geoagent_graph.geo.found import Found
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.misspellings import Misspellings, max_edits
from geoagent_graph.geo.regions import RegionTable


@pytest.mark.parametrize(
    ("key", "edits"), [("port", 0), ("12345", 0), ("porto", 1), ("catalonia", 1), ("california", 2)]
)
def test_longer_names_may_have_more_letters_wrong(key: str, edits: int) -> None:
    assert max_edits(key) == edits


def test_the_first_letter_is_right_and_small_towns_are_not_guessed_at(
    gazetteer: Gazetteer, regions: RegionTable
) -> None:
    misspellings = Misspellings(gazetteer, regions)
    near = [name for name, _ in misspellings.near_names("catalnoia")]
    assert "catalonia" in near
    assert all(name[0] == "c" or name[:2] == "ac" for name in near)
    village = int(gazetteer.country_range("PT")[1]) - 1
    assert not misspellings.is_well_known(Found("x", 0.9, 1.0, town=village), 40)
    assert misspellings.is_well_known(Found("x", 0.9, 1.0, code="PT"), 0)
