"""What is wrong with data, in words for people."""

from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core.core_schema import ErrorType

from geoagent_graph.cases.names import NAME_PATTERN
from geoagent_graph.questions import REPLY_KINDS, AnyStatement, Statement
from geoagent_graph.types import FrozenModel
from geoagent_graph.validation_words import problem_words, validation_words


class Given(FrozenModel):
    """One field of each kind."""

    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    count: int = 0
    name: Annotated[str, Field(max_length=5, min_length=1)] = "x"
    way: Literal["a", "b"] = "a"
    many: Annotated[tuple[int, ...], Field(max_length=2)] = ()
    sure: bool = True


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"share": 2}, "share: must be at most 1"),
        ({"share": -1}, "share: must be at least 0"),
        ({"share": "x"}, "share: must be a number"),
        ({"share": float("nan")}, "share: must be a number that is not infinite"),
        ({"count": 1.5}, "count: must be a whole number"),
        ({"name": "toolong"}, "name: is longer than 5 characters"),
        ({"name": ""}, "name: is empty"),
        ({"way": "c"}, "way: must be 'a' or 'b'"),
        ({"many": [1, 2, 3]}, "many: has more than 2 entries"),
        ({"sure": "perhaps"}, "sure: must be true or false"),
        ({"more": 1}, "more: is not known here"),
        (3, "data: must be an object with named fields"),
    ],
)
def test_problems_are_said_in_words(given: object, words: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Given.model_validate(given)
    assert validation_words(raised.value, "data") == words


def test_the_form_of_a_union_is_no_field() -> None:
    adapter: TypeAdapter[Statement] = TypeAdapter(AnyStatement)
    circle = {"kind": "map_region", "lat_deg": 91, "lon_deg": 0, "radius_km": 1}
    with pytest.raises(ValidationError) as raised:
        adapter.validate_python(circle)
    assert validation_words(raised.value, "x", REPLY_KINDS) == "lat_deg: must be at most 90"
    with pytest.raises(ValidationError) as raised:
        adapter.validate_python({"kind": "map_outline", "geojson": {"type": "Point"}})
    assert validation_words(raised.value, "area", REPLY_KINDS) == (
        "area: is no GeoJSON Polygon, MultiPolygon or Feature of one"
    )


_CONTEXT: dict[str, Any] = {
    "gt": 1, "ge": 1, "lt": 1, "le": 1, "min_length": 1, "max_length": 1, "multiple_of": 2,
    "expected": "'a'", "expected_tags": "'a'", "discriminator": "'kind'", "class": "Place",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(get_args(ErrorType)))
def test_no_words_of_the_library_are_shown(kind: str) -> None:
    """Of no kind of problem, also of kinds that no model of today can have."""
    problem = {"type": kind, "msg": "Input should be raw", "ctx": _CONTEXT, "loc": ("field",)}
    said = problem_words(problem)
    if kind not in ("value_error", "assertion_error"):
        assert "Input" not in said
    assert said == said.strip()


def test_what_a_validator_of_ours_says_is_shown() -> None:
    assert problem_words({"type": "value_error", "msg": "Value error, is no GeoJSON"}) == (
        "is no GeoJSON"
    )
    assert problem_words({"type": "server_address", "msg": "not an address"}) == "not an address"


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ({"type": "json_invalid", "loc": ("body", 14), "msg": "JSON decode error"}, "is no JSON"),
        (
            {"type": "value_error", "loc": (), "msg": "Value error, Expected UploadFile, received"},
            "must be a file",
        ),
    ],
)
def test_what_a_web_framework_raises_is_said_in_our_words(problem: Any, words: str) -> None:
    class Raised(Exception):
        def errors(self) -> list[Any]:
            return [problem]

    assert validation_words(Raised(), "data", {"body"}) == f"data: {words}"


@pytest.mark.parametrize("name", ["Braga", "a b", "..", "", "-x", "براغا"])
def test_the_form_of_a_name_is_said(name: str) -> None:
    class Named(FrozenModel):
        name: Annotated[str, Field(pattern=NAME_PATTERN)]

    with pytest.raises(ValidationError) as caught:
        Named(name=name)
    assert validation_words(caught.value, "data") == (
        "name: takes up to 64 of a-z, 0-9, - and _, the first no - or _"
    )
