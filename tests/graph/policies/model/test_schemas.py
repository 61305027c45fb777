"""Schemas of replies, against what a model may and may not write."""

import re
from typing import Any

import pytest

from geoagent_graph.policies.model.schemas import (
    TEXT,
    Schema,
    chain_schema,
    letter_schema,
    turn_schema,
    verdict_schema,
)

ACTIONS = ("propose", "zoom", "retrieve", "reverse_geocode", "verify", "answer")


def objects_within(schema: Any) -> list[Schema]:
    """Return every object schema in a schema."""
    if isinstance(schema, list):
        return [found for item in schema for found in objects_within(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" else []
    return own + [found for item in schema.values() for found in objects_within(item)]


@pytest.mark.parametrize(
    "schema",
    [
        chain_schema(["Spain"]),
        turn_schema(ACTIONS, None),
        verdict_schema(("accept",), ("A",)),
        letter_schema("AB"),
    ],
)
def test_every_object_has_all_its_properties_and_no_others(schema: Schema) -> None:
    found = objects_within(schema)
    assert found[0] is schema
    for part in found:
        assert part["required"] == [*part["properties"]]
        assert part["additionalProperties"] is False


def test_a_text_is_short_and_has_no_quotes_or_line_breaks() -> None:
    pattern = re.compile(TEXT["pattern"])
    for allowed in ("Rua Augusta", "São Tomé – 中国", "x" * 80):
        assert pattern.search(allowed)
    for refused in ("", "x" * 81, 'a"b', "a\\b", "a\nb", "a\x00"):
        assert not pattern.search(refused)


def test_only_the_country_of_a_chain_comes_from_the_list() -> None:
    stages = chain_schema(["Spain", "Peru"])["properties"]["ChainOfThought"]["properties"]
    conclusions = [stage["properties"]["Conclusion"] for stage in stages.values()]
    assert conclusions == [{"enum": ["Spain", "Peru"]}, TEXT, TEXT]


def test_candidates_come_from_the_names_allowed_and_one_action_needs_no_choice() -> None:
    one = turn_schema(("propose",), ["Spain"])["properties"]["next"]
    assert one["properties"]["candidates"]["items"] == {"enum": ["Spain"]}
    assert one["properties"]["candidates"]["maxItems"] == 10
    several = turn_schema(("propose", "answer"), None)["properties"]["next"]["anyOf"]
    assert [part["properties"]["action"]["enum"] for part in several] == [["propose"], ["answer"]]
    assert several[0]["properties"]["candidates"]["items"] == TEXT
