"""The tools of a model's actions: which are offered, what they say, how a bad call is refused."""

from typing import Any

import pytest

from geoagent_graph.call_log import open_call_log
from geoagent_graph.errors import ToolError
from geoagent_graph.policies.model.actions import ActionTools
from geoagent_graph.policies.model.photos import PhotoPrinter
from geoagent_graph.policies.model.replies import ReplyError
from geoagent_graph.protocols import GeocodedPoint
from geoagent_graph.testing.scripted import (
    EUROPE,
    LISBON,
    PORTUGAL,
    SPAIN,
    FixedGeocoder,
    FixedRetriever,
)
from tests.support.situations import reference, situation


class BrokenGeocoder(FixedGeocoder):
    def reverse(self, lat_deg: float, lon_deg: float) -> GeocodedPoint:
        raise ToolError("the tables are gone")


def action_tools(**parts: Any) -> ActionTools:
    return ActionTools(**{"printer": PhotoPrinter(), "geocoder": FixedGeocoder(), **parts})


def test_only_tools_that_are_there_are_offered() -> None:
    assert action_tools().available_actions(vision=False) == (
        "propose", "reverse_geocode", "verify", "answer",
    )  # fmt: skip
    full = action_tools(retriever=FixedRetriever()).available_actions(vision=True)
    assert {"zoom", "retrieve"} < {*full}


@pytest.mark.parametrize(
    ("action", "arguments", "where"),
    [
        ("zoom", {"left": -1, "top": 0, "right": 9, "bottom": 9}, "zoom: left"),
        ("zoom", {"left": 1, "top": 0, "right": 9}, "zoom: bottom"),
        ("reverse_geocode", {"lat_deg": 91, "lon_deg": 0}, "reverse_geocode: lat_deg"),
        ("reverse_geocode", {"lat_deg": 0, "lon_deg": float("nan")}, "reverse_geocode: lon_deg"),
        ("verify", {"name": ""}, "verify: name"),
    ],
)
def test_arguments_out_of_range_are_named(
    action: Any, arguments: dict[str, Any], where: str
) -> None:
    with pytest.raises(ReplyError, match=where):
        action_tools().check_arguments(action, arguments)


def test_surplus_arguments_are_left_out() -> None:
    checked = action_tools().check_arguments("verify", {"name": "Porto", "why": "a sign"})
    assert checked == {"name": "Porto"}
    assert action_tools().check_arguments("retrieve", {"k": 9}) == {}


async def test_a_zoom_takes_corners_in_any_order_and_shows_one_picture() -> None:
    corners = {"left": 90.0, "top": 80.0, "right": 10.0, "bottom": 20.0}
    found = await action_tools().run("zoom", corners, situation("country", EUROPE))
    assert len(found.pictures) == 1
    assert found.pictures[0].jpeg.startswith(b"\xff\xd8")


async def test_a_name_outside_of_the_region_is_said_to_be_outside() -> None:
    tools = action_tools()
    inside = await tools.run("verify", {"name": "Lisbon"}, situation("city", PORTUGAL))
    outside = await tools.run("verify", {"name": "Lisbon"}, situation("city", SPAIN))
    nowhere = await tools.run("verify", {"name": "Atlantis"}, situation("city", SPAIN))
    assert inside.text == "- Lisbon, Lisbon, Portugal"
    assert outside.text == "- Lisbon, Lisbon, Portugal (outside of the region)"
    assert nowhere.text == "no such place"


async def test_references_are_those_of_the_region_and_a_failure_is_told_and_logged() -> None:
    both = FixedRetriever((reference("ES"), reference("PT")))
    tools = action_tools(retriever=both, geocoder=BrokenGeocoder((LISBON,)))
    calls = open_call_log()
    found = await tools.run("retrieve", {}, situation("city", PORTUGAL))
    assert "in PT" in found.text
    assert "in ES" not in found.text
    point = {"lat_deg": 1.0, "lon_deg": 2.0}
    failed = await tools.run("reverse_geocode", point, situation("city", PORTUGAL))
    assert failed.text == "failed: the tables are gone"
    assert [(call.tool, call.error) for call in calls] == [
        ("policy.retrieve", None),
        ("policy.reverse_geocode", "the tables are gone"),
    ]
