"""What a person replies to a question decides, and stays decided."""

from pathlib import Path
from typing import Any

from geoagent_graph.protocols import GeocodedPoint, TextLine
from geoagent_graph.state import dump
from geoagent_graph.testing import (
    PORTO,
    SPAIN,
    FixedGeocoder,
    FixedTextReader,
    ScriptedPolicy,
    scripted_toolbox,
)
from geoagent_graph.types import Box
from tests.support.cases import begin, go_on, tools, view_of

AGREE = {"kind": "accept"}

ITALY = SPAIN.model_copy(
    update={"id": "country:IT", "name": "Italy", "country": "Italy", "country_code": "IT"}
)


async def test_a_bad_reply_to_the_bare_graph_asks_again() -> None:
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.types import Command

    from geoagent_graph.graph import build_graph
    from geoagent_graph.state import RunOptions, answer_of

    graph = build_graph(InMemorySaver())
    context = scripted_toolbox()
    image = dump(context.images.open(b"photo").image)
    config: Any = {"configurable": {"thread_id": "1"}}
    inputs: Any = {"image": image, "options": dump(RunOptions(ask="always"))}
    await graph.ainvoke(inputs, config, context=context)
    result: Any = await graph.ainvoke(Command(resume={"kind": "?"}), config, context=context)
    asked = (await graph.aget_state(config)).tasks[0].interrupts[0].value
    assert (asked["level"], "kind" in asked["problem"]) == ("continent", True)
    for _ in range(3):
        result = await graph.ainvoke(Command(resume=AGREE), config, context=context)
    assert answer_of(result).place.city == "Lisbon"


async def test_another_candidate_is_accepted(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    await go_on(tmp_path, reply={"kind": "accept", "place": "Africa"})
    view = view_of(tmp_path)
    assert view.people[0].input.place.name == "Africa"
    assert view.steps[5].node == "ask"
    assert [item["place"]["name"] for item in view.steps[6].detail["hypotheses"]] == [
        "Portugal", "Spain",
    ]  # fmt: skip


async def test_a_rejected_place_does_not_come_back(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    await go_on(tmp_path, reply=AGREE)
    await go_on(tmp_path, reply={"kind": "reject", "place": "PT", "reason": "left-hand traffic"})
    view = view_of(tmp_path)
    assert [h.place.name for h in view.question.candidates] == ["Spain"]
    await go_on(tmp_path, reply=AGREE)
    await go_on(tmp_path, reply=AGREE)
    excluded = view_of(tmp_path).answer.excluded
    assert [(e.place.name, e.reason) for e in excluded] == [
        ("Portugal", "a person: left-hand traffic")
    ]


async def test_an_accepted_place_can_be_rejected_later(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    await go_on(tmp_path, reply=AGREE)
    await go_on(tmp_path, reply={"kind": "reject", "place": "Europe", "reason": "a palm"})
    assert view_of(tmp_path).question.level == "continent"
    assert [h.place.name for h in view_of(tmp_path).question.candidates] == ["Africa"]


async def test_a_clue_is_weighed_like_any_other(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    policy = ScriptedPolicy.towards_lisbon()
    opened = tools(policy=policy)
    await go_on(tmp_path, opened=opened, reply={"kind": "clue", "text": "Rua <b>Augusta</b>"})
    assert [clue.text for clue in policy.seen[-1].clues] == ["Rua <b>Augusta</b>"]
    assert policy.seen[-1].clues[0].source == "person"
    assert view_of(tmp_path).question.level == "continent"


async def test_a_marked_region_is_read_again_at_its_place(tmp_path: Path) -> None:
    line = TextLine("PADARIA", Box(left=0, top=0, right=1, bottom=1), 0.9, "Latn", "pt", 0.8, "x")
    opened = tools(text_reader=FixedTextReader([line]))
    await begin(tmp_path, ask="always")
    box = {"left": 0.25, "top": 0.5, "right": 0.75, "bottom": 1.0}
    await go_on(tmp_path, opened=opened, reply={"kind": "photo_region", "box": box})
    step = next(step for step in view_of(tmp_path).steps if step.node == "ask")
    assert (step.detail["clues"][0]["text"], step.detail["clues"][0]["box"]) == ("PADARIA", box)
    assert step.tools[0].tool == "text_reader"
    await go_on(tmp_path, opened=opened, reply={"kind": "photo_region", "box": box})
    step = [step for step in view_of(tmp_path).steps if step.node == "ask"][-1]
    assert step.detail["clues"] == []  # the same line does not count twice


class TwoCountries(FixedGeocoder):
    """Portugal west of 7 degrees west, Spain east of it."""

    def reverse(self, lat_deg: float, lon_deg: float) -> GeocodedPoint:
        code, name = ("PT", "Portugal") if lon_deg < -7 else ("ES", "Spain")
        return GeocodedPoint("EU", code, name, "", "", 0, 0.0, "polygon")


async def test_a_region_on_the_map_narrows_everything_after_it(tmp_path: Path) -> None:
    opened = tools(geocoder=TwoCountries())
    await begin(tmp_path, opened=opened, ask="always")
    region = {"kind": "map_region", "lat_deg": 41.15, "lon_deg": -8.6, "radius_km": 60}
    await go_on(tmp_path, opened=opened, reply=region)
    candidates = [h.place.name for h in view_of(tmp_path).question.candidates]
    assert candidates == ["Europe"]  # Africa is gone
    await go_on(tmp_path, opened=opened, reply=AGREE)
    assert [h.place.name for h in view_of(tmp_path).question.candidates] == ["Portugal"]
    await go_on(tmp_path, opened=opened, reply=AGREE)
    assert [h.place.name for h in view_of(tmp_path).question.candidates] == [PORTO.name]
    await go_on(tmp_path, opened=opened, reply={"kind": "accept", "place": "Porto"})
    assert "outside the drawn circle" in view_of(tmp_path).answer.warnings[0]  # scripted: Lisbon
