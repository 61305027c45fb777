"""Names in daily use: every one leads to a country, and says something that CLDR does not."""

from geoagent_graph.geo.countries import country_codes, country_names
from geoagent_graph.geo.country_aliases import ALIASES
from geoagent_graph.geo.names import fold


def test_every_alias_means_countries_that_there_are() -> None:
    codes = set(country_codes())
    assert all(meant and set(meant) <= codes for meant in ALIASES.values())
    assert all(len(set(meant)) == len(meant) for meant in ALIASES.values())


def test_no_two_aliases_of_one_spelling_mean_different_countries() -> None:
    meant: dict[str, tuple[str, ...]] = {}
    for name, codes in ALIASES.items():
        assert meant.setdefault(fold(name), codes) == codes, name


def test_an_alias_means_exactly_what_stands_there() -> None:
    names = country_names()
    assert names[fold("Congo")] == list(ALIASES["Congo"]) == ["CD", "CG"]
    assert names[fold("Korea")] == ["KR", "KP"]
    assert names[fold("Holland")] == ["NL"]
