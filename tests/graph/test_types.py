"""The nouns refuse what cannot be: coordinates off the globe, NaN, unknown fields."""

import math
from typing import Any

import pytest
from pydantic import ValidationError

from geoagent_graph.testing import EUROPE, LISBON
from geoagent_graph.types import AnswerPlace, Clue, Evidence, ImageRef, Place, Reference, clue_id

PLACE = LISBON.model_dump()


@pytest.mark.parametrize(
    "changes",
    [
        {"lat_deg": 90.001},
        {"lon_deg": 180.0},
        {"lon_deg": -180.001},
        {"lat_deg": math.nan},
        {"continent_code": "XX"},
        {"country_code": "pt"},
        {"level": "village"},
        {"unknown": 1},
    ],
)
def test_a_place_is_on_the_globe(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Place.model_validate(PLACE | changes)


def test_the_antimeridian_has_one_name() -> None:
    place = Place.model_validate(PLACE | {"lon_deg": -180.0, "lat_deg": -90.0})
    assert (place.lat_deg, place.lon_deg) == (-90.0, -180.0)


def test_nothing_is_changed_afterwards_nor_infinite() -> None:
    with pytest.raises(ValidationError):
        LISBON.name = "Lisboa"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Evidence(place_id="p", source="s", log_lr=math.inf, reason="r")
    with pytest.raises(ValidationError):
        Reference(id="r", score=1.01, lat_deg=0, lon_deg=0)
    with pytest.raises(ValidationError):
        ImageRef(sha256="sha256:" + "0" * 63, width=1, height=1, name="n", format="PNG")


@pytest.mark.parametrize("kind", ["Text", "text2", "", "_text", "t" * 41])
def test_kinds_of_clues_are_lower_case_words(kind: str) -> None:
    with pytest.raises(ValidationError):
        Clue(id="c", kind=kind, text="t", source="s")


def test_the_same_observation_has_the_same_id() -> None:
    assert clue_id("text", "a", "b") == clue_id("text", "a", "b")
    assert len({clue_id("text", "a", "b"), clue_id("text", "ab"), clue_id("name", "a", "b")}) == 3
    assert clue_id("text", "a").startswith("text:")


def test_an_answer_names_what_is_claimed_and_no_more() -> None:
    assert AnswerPlace.of(None) == AnswerPlace()
    assert AnswerPlace.of(EUROPE) == AnswerPlace(continent="Europe")
    town = AnswerPlace.of(LISBON)
    assert (town.continent, town.country_code, town.city) == ("Europe", "PT", "Lisbon")
