"""A position in a file, and perhaps signs beside it, through the whole graph."""

from collections import Counter
from dataclasses import replace

import pytest

from geoagent_graph import Answer, RunOptions, Toolbox, locate, open_toolbox
from geoagent_graph.geo.geocoder import OfflineGeocoder
from geoagent_graph.perception.language import language_of
from geoagent_graph.perception.script import script_of
from geoagent_graph.protocols import FileClaims, TextLine
from geoagent_graph.testing import FixedExifReader, FixedTextReader, MemoryImages
from geoagent_graph.types import Box
from tools.draw_positions import KINDS, draw_places
from tools.position_faults import check_place

PLACES = 24
MUNICH = (48.137412, 11.575563)
NAIROBI = (-1.292143, 36.821946)


@pytest.fixture(scope="module")
def tools() -> Toolbox:
    return replace(open_toolbox(), images=MemoryImages(), text_reader=None)


async def answer_to(
    tools: Toolbox, position: tuple[float, float], *lines: str, **quality: float
) -> Answer:
    """Return the answer to a photo with these lines whose file claims a position."""
    claims = FileClaims(*position, None, None, None, None, error_m=quality.get("error_m"))
    read = [_text_line(text, row) for row, text in enumerate(lines)]
    own = replace(tools, exif_reader=FixedExifReader(claims), text_reader=FixedTextReader(read))
    return await locate(repr((position, lines)).encode(), toolbox=own, options=RunOptions())


def _text_line(text: str, row: int) -> TextLine:
    box = Box(left=0.1, top=0.1 * row, right=0.9, bottom=0.1 * row + 0.05)
    return TextLine(text, box, 0.95, script_of(text), *language_of(text), "hand")


async def test_drawn_places_of_every_kind_are_answered_with_themselves(tools: Toolbox) -> None:
    assert isinstance(tools.geocoder, OfflineGeocoder)
    places = list(draw_places(tools.geocoder, PLACES, seed=4))
    assert Counter(place.kind for place in places) == dict.fromkeys(KINDS, PLACES // len(KINDS))
    found = {place: await check_place(tools, place) for place in places}
    assert {place: faults for place, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    ("position", "city", "code"),
    [
        ((51.4839, -0.6044), "Windsor", "GB"),
        ((41.9022, 12.4539), "Vatican City", "VA"),
        ((24.4321, 118.3171), "Jincheng", "TW"),
        ((53.3498, -6.2603), "Dublin", "IE"),
        ((44.6731, -88.2429), "Pulaski", "US"),
        ((-16.8, -179.999999), "Savusavu", "FJ"),
        ((42.3149, -83.0364), "Windsor", "CA"),
        ((48.5713, 7.8090), "Kehl", "DE"),
    ],
)
async def test_a_metropolis_near_by_is_not_the_place(
    tools: Toolbox, position: tuple[float, float], city: str, code: str
) -> None:
    answer = await answer_to(tools, position)
    assert (answer.level, answer.place.city, answer.place.country_code) == ("city", city, code)
    assert (answer.lat_deg, answer.lon_deg) == position
    assert answer.radius_km < 0.1
    assert not any("speaks" in warning or "otherwise" in warning for warning in answer.warnings)


async def test_the_radius_is_that_of_the_error(tools: Toolbox) -> None:
    assert (await answer_to(tools, MUNICH, error_m=65.0)).radius_km == pytest.approx(0.159, 0.01)
    rounded = await answer_to(tools, (48.1, 11.6))
    assert 5.0 < rounded.radius_km < 10.0


async def test_a_sign_of_another_country_is_a_contradiction_and_no_more(tools: Toolbox) -> None:
    answer = await answer_to(tools, MUNICH, "tel. +48 12 421 20 60")
    assert (answer.place.city, answer.lat_deg, answer.lon_deg) == ("Munich", *MUNICH)
    assert any("speaks against it: telephone +48" in warning for warning in answer.warnings)


async def test_english_is_no_contradiction(tools: Toolbox) -> None:
    answer = await answer_to(tools, MUNICH, "No parking", "Exit")
    assert answer.place.city == "Munich"
    assert answer.warnings == ()


@pytest.mark.parametrize(
    ("position", "lines", "city"),
    [
        (NAIROBI, ("31-066 Kraków", "tel. +48 12 421 20 60", "www.apteka.pl"), "Kraków"),
        ((0.0, 0.0), ("4000-123 Porto", "Tel. +351 222 003 887", "www.farmacia.pt"), "Porto"),
        ((38.0, -97.0), ("50123 Firenze FI", "Tel. 055 238 12 12", "www.firenze.it"), "Florence"),
        (MUNICH, ("20095 Hamburg", "Tel. 040 32 58 10", "www.baeckerei.de"), "Hamburg"),
    ],
    ids=["random", "null island", "centre of a country", "home, in the same country"],
)
async def test_three_good_clues_outvote_a_false_position(
    tools: Toolbox, position: tuple[float, float], lines: tuple[str, ...], city: str
) -> None:
    answer = await answer_to(tools, position, *lines)
    assert answer.place.city == city
    (warning,) = [warning for warning in answer.warnings if "the file claims" in warning]
    assert "from the answer: what the photo shows says otherwise:" in warning
