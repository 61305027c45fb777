"""Names to towns, countries and regions, or to nothing."""

import pytest

from geoagent_graph.geo.found import Found
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.place_finder import PlaceFinder


def label(gazetteer: Gazetteer, found: Found) -> str:
    """Return "Paris, FR" for a town, its code for a country, its id for a region."""
    if found.region is not None:
        return found.region.id
    if found.town < 0:
        return found.code
    country = gazetteer.countries[int(gazetteer.country_index[found.town])]
    return f"{gazetteer.name(found.town)}, {country.code}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Bavaria", "DE-BY"), ("Bayern", "DE-BY"), ("BAVIÈRE", "DE-BY"), ("Baviera", "DE-BY"),
        ("Scotland", "GB-SCT"), ("Schottland", "GB-SCT"), ("Wales", "GB-WLS"),
        ("Бавария", "DE-BY"), ("バイエルン", "DE-BY"), ("Catalonia", "ES-CT"), ("Tibet", "CN-XZ"),
        ("Bali", "ID-BA"), ("Hawaii", "US-HI"), ("Sicile", "IT-82"), ("Kreta", "GR-M"),
        ("Santorini", "island:santorini"), ("Prussia", "landscape:prussia"),
        ("Yorkshire", "landscape:yorkshire"), ("Sangamon County", "rg:US:2:sangamon county"),
        ("新疆", "CN-XJ"), ("Provincia de Tarragona", "ES-T"), ("Karnataka (India)", "IN-KA"),
        ("ヴァーモント", "US-VT"), ("Honiara City", "Honiara, SB"), ("Toscane", "IT-52"),
        ("Lombardie", "IT-25"), ("Puglia", "IT-75"), ("Sienne", "IT-SI"), ("Latium", "IT-62"),
        ("Teneriffe", "island:tenerife"), ("St. Barts", "island:saint-barthelemy"),
    ],
)  # fmt: skip
def test_regions_and_islands_are_found(
    finder: PlaceFinder, gazetteer: Gazetteer, text: str, place: str
) -> None:
    assert label(gazetteer, finder.find(text)[0]) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("NYC", "New York City, US"), ("LA", "Los Angeles, US"), ("SF", "San Francisco, US"),
        ("London, ON", "London, CA"), ("PARIS, TX", "Paris, US"), ("paris, tx", "Paris, US"),
        ("Albany WA 6330", "Albany, AU"), ("Seattle WA 98101", "Seattle, US"),
        ("Toronto ON M5V 2T6 Canada", "Toronto, CA"), ("NAPLES, FL", "Naples, US"),
        ("St Albans, Herts", "St Albans, GB"), ("München, Bayern", "Munich, DE"),
        ("Springfield, Sangamon County", "Springfield, US"), ("Torino, TO", "Turin, IT"),
        ("Georgia, USA", "US-GA"), ("Brooklyn, NYC", "Brooklyn, US"),
        ("Georgia", "GE"), ("WA 6330", "AU-WA"), ("WA 98101", "US-WA"),
        ("Herts", "GB-HRT"), ("Venice", "Venice, IT"), ("थाईलैंड", "TH"), ("Wuhu, Kina", "Wuhu, CN"),
        ("日本、東京", "Tokyo, JP"), ("United Kingdom, Europe", "GB"),
    ],
)  # fmt: skip
def test_short_names_and_surroundings_choose(
    finder: PlaceFinder, gazetteer: Gazetteer, text: str, place: str
) -> None:
    assert label(gazetteer, finder.find(text)[0]) == place


@pytest.mark.parametrize(
    "text",
    ["Paris, Germany", "Qwertyville", "Brenlow", "Ombrasti", "Atlantica, Narnia", "", ",;", "12345",
     "qwxzvjk"],
)  # fmt: skip
def test_what_names_no_place_is_unknown(finder: PlaceFinder, text: str) -> None:
    assert finder.find(text) == []


@pytest.mark.parametrize(
    ("text", "town", "street"),
    [
        ("Rua Augusta, Lisboa", "Lisbon, PT", "Rua Augusta"),
        ("10 Downing Street, London", "London, GB", "10 Downing Street"),
        ("10 Downing Street London", "London, GB", "10 Downing Street"),
        ("Calle Mayor 3, 28013 Madrid", "Madrid, ES", "Calle Mayor 3"),
        ("Via Roma 12, 10121 Torino TO", "Turin, IT", "Via Roma 12"),
        ("Paris, Foobarstan", "Paris, FR", "Foobarstan"),
    ],
)
def test_a_street_is_answered_by_its_town_and_named_as_not_used(
    finder: PlaceFinder, gazetteer: Gazetteer, text: str, town: str, street: str
) -> None:
    best = finder.find(text)[0]
    assert label(gazetteer, best) == town
    assert best.passed_over == (street,)
    assert best.similarity < 1.0


def test_a_code_means_its_states_before_towns(finder: PlaceFinder, gazetteer: Gazetteer) -> None:
    found = [label(gazetteer, item) for item in finder.find("WA")]
    assert set(found[:2]) == {"US-WA", "AU-WA"}
    assert finder.find("CA")[0].code == "CA"
    assert label(gazetteer, finder.find("CA")[1]) == "US-CA"


@pytest.mark.parametrize(("text", "place"), [("Bavaira", "DE-BY"), ("Porutgal", "PT")])
def test_a_misspelt_name_finds_the_one_well_known_place(
    finder: PlaceFinder, gazetteer: Gazetteer, text: str, place: str
) -> None:
    best = finder.find(text)[0]
    assert label(gazetteer, best) == place
    assert best.similarity < 0.95


def test_a_town_and_the_zone_named_after_it_are_listed_once(finder: PlaceFinder) -> None:
    assert not any(item.is_zone for item in finder.find("Lisbon"))
    assert finder.find("古晋")[0].is_zone  # Kuching, by no other name in Chinese


def test_a_region_is_listed_once(finder: PlaceFinder) -> None:
    ids = [item.region.id for item in finder.find("Sicily") if item.region]
    assert ids == ["IT-82"]  # and not the island beside it
