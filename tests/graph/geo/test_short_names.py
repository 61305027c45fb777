"""Every short name leads to one place."""

from geoagent_graph.geo.place_finder import PlaceFinder
from geoagent_graph.geo.short_names import SHORT_NAMES


def test_every_short_name_is_found(finder: PlaceFinder) -> None:
    missing = [name for name in SHORT_NAMES if not finder.find(name)]
    assert missing == []


def test_two_letters_count_only_in_capitals(finder: PlaceFinder) -> None:
    assert finder.find("KL")[0].matched == "KL"
    assert all(found.matched != "kl" or found.town < 0 for found in finder.find("kl"))
