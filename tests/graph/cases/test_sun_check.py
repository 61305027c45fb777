"""A shadow in a case: added, replaced, refused, taken back."""

from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cases.additions import add_to_case, undo_last
from geoagent_graph.errors import InputError
from geoagent_graph.nodes.sun_statements import NO_TIME
from tests.support.cases import begin, store_in, tools, view_of

SHADOW: dict[str, Any] = {
    "kind": "sun_shadow",
    "foot": {"x": 0.4, "y": 0.75},
    "top": {"x": 0.4, "y": 0.55},
    "tip": {"x": 0.6, "y": 0.72},
    "time": "2024-06-21T15:30Z",
}
POSITION = {"kind": "sun_position", "elevation_deg": 40.0}


async def test_a_shadow_is_a_clue_of_the_person_and_the_last_one_counts(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        await add_to_case(case, SHADOW)
        await add_to_case(case, POSITION)
        async for _ in case.run():
            pass
    view = view_of(tmp_path)
    assert view.answer is not None
    (clue,) = [clue for clue in view.answer.clues if clue.kind == "sun"]
    assert clue.source == "person"
    assert "40° high" in clue.text
    assert NO_TIME in view.answer.warnings
    assert [act.input.action for act in view.people] == ["sun_shadow", "sun_position"]
    first, second = (step for step in view.steps if step.node == "person")
    assert [found["kind"] for found in first.detail["clues"]] == ["sun"]
    assert second.detail["forgotten"] == [first.detail["clues"][0]["id"]]
    async with store_in(tmp_path).hold("one", tools()) as case:
        await undo_last(case)
    assert [found["kind"] for found in view_of(tmp_path).steps[-1].detail["clues"]] == ["sun"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time": "noon"}, "no time"),
        ({"tip": {"x": 0.4, "y": 0.75}}, "the tip lies on"),
        ({"foot": {"x": 0.4, "y": 0.3}, "top": {"x": 0.4, "y": 0.1}}, "mark the horizon"),
        ({"foot": {"x": 1.4, "y": 0.3}}, "must be at most 1"),
        ({"focal_35mm_mm": 0.0}, "must be at least 4"),
        ({"foot": None}, "foot: must be an object"),
    ],
)
async def test_what_cannot_be_measured_leaves_the_case_as_it_is(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    await begin(tmp_path)
    before = store_in(tmp_path).trace_text("one")
    async with store_in(tmp_path).hold("one", tools()) as case:
        with pytest.raises(InputError, match=words):
            await add_to_case(case, {**SHADOW, **change})
    assert store_in(tmp_path).trace_text("one") == before


async def test_a_reply_that_cannot_be_measured_leaves_the_question_open(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    async with store_in(tmp_path).hold("one", tools()) as case:
        with pytest.raises(InputError, match=r"no time; .*the question stays open"):
            async for _ in case.run(reply={**SHADOW, "time": "noon"}):
                pass
        assert case.question is not None
        async for _ in case.run(reply=SHADOW):
            pass
    assert view_of(tmp_path).people[-1].input.action == "sun_shadow"
