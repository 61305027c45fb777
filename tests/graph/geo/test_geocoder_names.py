"""What the geocoder finds by name on its real tables, misread names and junk included."""

import pytest

from geoagent_graph.geo.geocoder import OfflineGeocoder


@pytest.mark.parametrize(
    ("name", "code", "level"),
    [
        ("Turkey", "TR", "country"),
        ("Türkiye", "TR", "country"),
        ("TÜRKİYE", "TR", "country"),
        ("Russia", "RU", "country"),
        ("Россия", "RU", "country"),
        ("UK", "GB", "country"),
        ("Great Britain", "GB", "country"),
        ("Scotland", "GB", "country"),
        ("USA", "US", "country"),
        ("Kosovo", "XK", "country"),
        ("Kosova", "XK", "country"),
        ("Burma", "MM", "country"),
        ("Holland", "NL", "country"),
        ("Ivory Coast", "CI", "country"),
        ("Czech Republic", "CZ", "country"),
        ("South Korea", "KR", "country"),
        ("대한민국", "KR", "country"),
        ("日本", "JP", "country"),
        ("中国", "CN", "country"),
        ("भारत", "IN", "country"),
        ("ไทย", "TH", "country"),
        ("مصر", "EG", "country"),
        ("Ελλάδα", "GR", "country"),
        ("Macedonia", "MK", "country"),
        ("Swaziland", "SZ", "country"),
        ("Congo", "CD", "country"),
        ("Georgia", "GE", "country"),
        ("München", "DE", "city"),
        ("Muenchen", "DE", "city"),
        ("MUNICH", "DE", "city"),
        ("東京", "JP", "city"),
        ("東京都", "JP", "city"),
        ("Москва", "RU", "city"),
        ("서울", "KR", "city"),
        ("القاهرة", "EG", "city"),
        ("Αθήνα", "GR", "city"),
        ("กรุงเทพ", "TH", "city"),
        ("नई दिल्ली", "IN", "city"),
        ("Łódź", "PL", "city"),
        ("Paris", "FR", "city"),
    ],
)
def test_names_resolve(geocoder: OfflineGeocoder, name: str, code: str, level: str) -> None:
    best = geocoder.forward(name)[0]
    assert (best.place.country_code, best.place.level) == (code, level)
    assert best.similarity >= 0.98


def test_what_a_name_resolves_to(geocoder: OfflineGeocoder) -> None:
    munich = geocoder.forward("München")[0]
    assert munich.place.id == "geonames:2867714"
    assert munich.place.region == "Bavaria"
    assert munich.population > 1_000_000
    assert munich.matched == "munchen"
    assert [found.place.country_code for found in geocoder.forward("Congo", 2)] == ["CD", "CG"]
    europe = geocoder.forward("Europe")[0]
    assert (europe.place.id, europe.place.level) == ("continent:EU", "continent")


@pytest.mark.parametrize(
    ("text", "code", "region"),
    [
        ("Paris, Texas", "US", "Texas"),
        ("Paris, TX", "US", "Texas"),
        ("Paris, USA", "US", None),
        ("Springfield, IL", "US", "Illinois"),
        ("Frankfurt, Brandenburg", "DE", "Brandenburg"),
        ("Cambridge, Massachusetts, USA", "US", "Massachusetts"),
        ("Cambridge, UK", "GB", "England"),
        ("London Ontario", "CA", "Ontario"),
        ("日本, 東京", "JP", "Tokyo"),
        ("10 Downing Street, London, UK", "GB", "England"),
        ("San José, Costa Rica", "CR", "San Jose"),
    ],
)
def test_later_parts_narrow(
    geocoder: OfflineGeocoder, text: str, code: str, region: str | None
) -> None:
    best = geocoder.forward(text)[0]
    assert best.place.country_code == code
    assert region is None or best.place.region == region


def test_a_part_that_confirms_nothing_lowers_the_similarity(geocoder: OfflineGeocoder) -> None:
    best = geocoder.forward("Paris, Germany")[0]
    assert best.place.country_code == "FR"
    assert best.similarity == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("misread", "name"),
    [
        ("Muenchn", "Munich"),
        ("Detuschland", "Germany"),
        ("Reykjavlk", "Reykjavík"),
        ("Antananrivo", "Antananarivo"),
        ("Cassablanka", "Casablanca"),
    ],
)
def test_names_misread_by_a_letter_or_two(
    geocoder: OfflineGeocoder, misread: str, name: str
) -> None:
    found = geocoder.forward(misread, 3)
    assert name in [place.place.name for place in found]
    assert all(place.similarity < 1 for place in found)


@pytest.mark.parametrize("junk", ["", " ", "...", ",,,", "Xqz", "12345678", "\0", "x" * 10_000])
def test_what_is_no_name_gives_nothing(geocoder: OfflineGeocoder, junk: str) -> None:
    assert geocoder.forward(junk) == []
