"""Parts of a trip's report: its headline, how well it fits, its map, each photo's change."""

import re
from typing import Any

import pytest

from geoagent_graph.render.html.markup import Element, html_text
from geoagent_graph.render.html.trip_sections import (
    TripPhoto,
    fit_sentence,
    fit_words,
    photo_section,
    time_words,
    trip_header,
    trip_headline,
    way_section,
)
from geoagent_graph.translation import use_language
from geoagent_graph.trip_types import JoinedPhoto, parse_time_taken
from geoagent_graph.types import AnswerPlace
from tests.support.answers import HOSTILE
from tests.support.views import joined_photo, joint


def trip_photo(number: int, joined: JoinedPhoto | None, **changes: Any) -> TripPhoto:
    fields: dict[str, Any] = {
        "name": "a.jpg", "alone": "Spain", "on_way": True, "report": "geoagent export x",
    }  # fmt: skip
    return TripPhoto(number=number, joined=joined, **{**fields, **changes})


def country(code: str) -> JoinedPhoto:
    return joined_photo(level="country", place=AnswerPlace(country=code, country_code=code))


def words(node: Element) -> str:
    return "".join(node.itertext())


def test_the_headline_names_each_place_once_and_at_most_three() -> None:
    codes = ["PT", "PT", "ES", "FR", "IT", "DE"]
    photos = [trip_photo(n, country(code)) for n, code in enumerate(codes, start=1)]
    assert trip_headline(photos[:2]) == trip_headline(photos[:1])
    assert re.fullmatch(r"PT.*; ES.*; FR.* and 2 more", trip_headline(photos))
    nowhere = trip_headline([trip_photo(1, joined_photo(level="none")), trip_photo(2, None)])
    assert nowhere == trip_headline([])
    assert "PT" not in nowhere


@pytest.mark.parametrize(
    ("fit", "shown"),
    [
        (None, "contradiction"), (0.0, "neither way"), (0.3, "neither way"),
        (2.0, "100 times better"), (-1.0, "10 times worse"), (300.0, "over a million times better"),
    ],
)  # fmt: skip
def test_the_fit_is_said_in_words(fit: float | None, shown: str) -> None:
    assert fit_words(joint([], fit=fit))[0] == shown


def test_a_time_says_who_gave_it() -> None:
    assert time_words(None).startswith("No time is known")
    person = parse_time_taken("2024-05-01T10:35")
    assert time_words(person) == f"Taken at {person.text}, a person says."
    video = parse_time_taken("1:20").model_copy(update={"said_by": "file"})
    assert time_words(video).endswith("since the video began, its file claims.")


def test_the_header_counts_photos_with_times_and_the_map_names_their_order() -> None:
    photos = [trip_photo(1, joined_photo(), on_way=False), trip_photo(2, joined_photo())]
    header = words(trip_header(photos, joint([], times_right=0.5)))
    assert "1 with a time that counts" in header
    assert "50 %" in header
    (section,) = way_section(photos)
    drawing = next(section.iter("svg"))
    assert drawing.get("aria-label") == "Map of the trip: photo 2"
    assert way_section([trip_photo(1, None), trip_photo(2, joined_photo(level="none"))]) == []


def test_a_photo_that_took_no_part_says_why_and_hostile_text_stays_text() -> None:
    page = html_text(photo_section(trip_photo(1, None, left_out=HOSTILE, name=HOSTILE)))
    assert "Took no part: <bdi>&lt;/style&gt;" in page
    assert "<script" not in page
    assert "it has not been weighed with the others" in words(photo_section(trip_photo(1, None)))


def test_a_photo_without_a_claim_together_shows_no_point() -> None:
    claimed = words(photo_section(trip_photo(1, joined_photo())))
    assert "Within 12\u00a0km of 41.15°N, 8.61°W, nine times out of ten." in claimed
    assert "one hour apart" in claimed
    assert "Within" not in words(photo_section(trip_photo(1, joined_photo(level="none"))))


@pytest.mark.parametrize(
    ("fit", "english", "german"),
    [
        (2.0, "100 times better than photos", "100-mal besser als Fotos"),
        (-3.1, "1,259 times worse than photos", "1.259-mal schlechter als Fotos"),
        (300.0, "over a million times better than photos", "über eine Million Mal besser als"),
        (None, "contradiction, no way is possible", "Widerspruch: Zu diesen Zeiten"),
        (0.0, "neither way, no better or worse", "nicht besser und nicht schlechter"),
    ],
)
def test_the_fit_is_one_sentence_in_every_language(
    fit: float | None, english: str, german: str
) -> None:
    joined = joint([], fit=fit)
    assert fit_sentence(joined).startswith(english)
    with use_language("de"):
        assert fit_sentence(joined).startswith(german)
