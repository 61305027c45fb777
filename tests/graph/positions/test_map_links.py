"""Links of maps that people paste: read, never opened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoagent_graph.errors import InputError
from geoagent_graph.positions.forms import parse_position
from geoagent_graph.positions.map_links import point_of_link

BRAGA = (41.551389, -8.423056)
LAT, LON = "41.551389", "-8.423056"


@pytest.mark.parametrize(
    "link",
    [
        f"https://www.google.com/maps/@{LAT},{LON},17z",
        f"https://www.google.com/maps/place/Braga/@41.5,-8.4,13z/data=!3m1!4b1!4m5!3d{LAT}!4d{LON}",
        f"https://www.google.pt/maps?q={LAT},{LON}",
        f"https://www.google.com/maps/search/?api=1&query={LAT}%2C{LON}",
        f"https://www.google.com/maps/@41.5,-8.4,3a,75y/data=x?viewpoint={LAT},{LON}",
        f"https://maps.google.com/?ll={LAT},{LON}&z=12",
        f"https://www.openstreetmap.org/#map=16/{LAT}/{LON}",
        f"https://www.openstreetmap.org/?mlat={LAT}&mlon={LON}#map=5/41.0/-8.0",
        f"https://www.openstreetmap.org/node/1#map=16/{LAT}/{LON}&layers=N",
        f"https://maps.apple.com/?ll={LAT},{LON}&q=Braga",
        f"https://maps.apple.com/place?coordinate={LAT},{LON}",
        f"https://www.bing.com/maps?cp={LAT}~{LON}&lvl=16",
        f"https://yandex.com/maps/?ll={LON}%2C{LAT}&z=16",
        f"https://yandex.ru/maps/?pt={LON},{LAT}&ll=0,0",
        f"https://www.mapillary.com/app/?lat={LAT}&lng={LON}&z=17",
        f"  HTTPS://www.mapillary.com/app/?lat={LAT}&lng={LON}&z=17 ",
        f"https://wego.here.com/?map={LAT},{LON},16,normal&q={LAT},{LON}",
    ],
)
def test_links_of_maps_name_their_point(link: str) -> None:
    assert parse_position(link) == pytest.approx(BRAGA)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("https://maps.app.goo.gl/abc", "short link"),
        ("https://example.org/", "no position stands in this link"),
        ("https://www.google.com/maps/@95.0,0.0,3z", "latitude 95"),
        ("https://[", "no position stands in this link"),
        ("https://www.google.com/maps/@41.5", "no position stands in this link"),
        ("https://e.org/?" + "&".join(f"a{n}=1" for n in range(200)), "no position"),
        ("https://e.org/?" + "x" * 9000, "no position"),
    ],
)
def test_other_links_are_one_short_sentence(link: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as raised:
        parse_position(link)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 600


@given(st.text(max_size=60))
def test_no_link_raises_anything_else(tail: str) -> None:
    point_of_link(f"https://www.google.com/maps/{tail}")
    point_of_link(f"https://{tail}")
