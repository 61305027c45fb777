"""What a person adds to a case at any time, and takes back."""

from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cases.additions import add_to_case, undo_last
from geoagent_graph.cases.verification import verify_case
from geoagent_graph.errors import InputError
from geoagent_graph.questions import HumanInput, positions_in_force
from geoagent_graph.render.html.case_report import warnings_of_steering
from geoagent_graph.render.markdown_report import report_markdown
from geoagent_graph.types import Clue
from tests.support.cases import begin, go_on, store_in, tools, view_of

CIRCLE = {"kind": "map_region", "lat_deg": 38.7, "lon_deg": -9.1, "radius_km": 60.0}
OUTLINE = {
    "kind": "map_outline",
    "geojson": {"type": "Polygon", "coordinates": [[[-10, 38], [-8, 38], [-8, 40], [-10, 38]]]},
}
COUNTRIES = {"kind": "map_countries", "countries": ["PT", "ES"]}
BOX = {"left": 0.1, "top": 0.1, "right": 0.5, "bottom": 0.3}
TEXT = {"kind": "clue", "text": "Padaria Central", "box": BOX}


async def add(folder: Path, *statements: Any) -> None:
    """Add statements to the case, run it after each."""
    for statement in statements:
        async with store_in(folder).hold("one", tools()) as case:
            await add_to_case(case, statement)
            async for _ in case.run():
                pass


async def undo(folder: Path) -> str:
    """Take back the last act, run the case, and return the words of the trace."""
    async with store_in(folder).hold("one", tools()) as case:
        first, *_ = await undo_last(case)
        async for _ in case.run():
            pass
    assert first.event == "human"
    return first.input.text


def clues_of(folder: Path) -> list[Clue]:
    view = view_of(folder)
    assert view.answer is not None
    return [clue for clue in view.answer.clues if clue.source == "person"]


async def test_a_finished_case_takes_what_a_person_sees(tmp_path: Path) -> None:
    await begin(tmp_path)
    await add(tmp_path, TEXT, {"kind": "place", "place": "Lisbon"}, COUNTRIES, CIRCLE)
    found = {clue.kind: clue for clue in clues_of(tmp_path)}
    assert set(found) == {"text", "named_place", "search_area"}
    assert found["text"].box is not None
    assert found["text"].attributes["script"] == "Latn"
    assert len(clues_of(tmp_path)) == 4  # the circle stands beside the countries
    view = view_of(tmp_path)
    assert [act.input.action for act in view.people] == [
        "clue", "place", "map_countries", "map_region",
    ]  # fmt: skip
    assert view.status == "answered"
    assert (await verify_case(store_in(tmp_path), "one", "main")).holds
    assert "looks in Portugal or Spain" in report_markdown(view)


async def test_an_area_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    await begin(tmp_path)
    await add(tmp_path, CIRCLE, OUTLINE)
    (area,) = clues_of(tmp_path)
    assert "outline of 3 corners" in area.text
    step = view_of(tmp_path).steps[-1]
    added = [step for step in view_of(tmp_path).steps if step.node == "person"][-1]
    assert len(added.detail["clues"]) == len(added.detail["forgotten"]) == 1
    assert step.node == "answer"


async def test_undo_takes_back_one_act_after_the_other(tmp_path: Path) -> None:
    await begin(tmp_path)
    before = view_of(tmp_path).answer
    await add(tmp_path, COUNTRIES, CIRCLE)
    async with store_in(tmp_path).hold("one", tools()) as case:
        await case.veto("Portugal", "the plates are Spanish")
    await go_on(tmp_path)
    assert "vetoes Portugal" in await undo(tmp_path)
    assert view_of(tmp_path).answer.excluded == ()
    assert "within 60 km" in await undo(tmp_path)
    assert [clue.text for clue in clues_of(tmp_path)] == [
        "a person looks only in Portugal or Spain"
    ]
    assert len(warnings_of_steering(view_of(tmp_path))) == 1
    await undo(tmp_path)
    after = view_of(tmp_path).answer
    assert (after.place, after.levels, after.warnings) == (
        before.place, before.levels, before.warnings,
    )  # fmt: skip
    assert warnings_of_steering(view_of(tmp_path)) == []
    async with store_in(tmp_path).hold("one", tools()) as case:
        with pytest.raises(InputError, match="nothing to take back"):
            await undo_last(case)
    assert (await verify_case(store_in(tmp_path), "one", "main")).holds


async def test_a_place_set_in_a_fork_stays_and_can_be_taken_back(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        branch = await case.at(await case.fork(8, {"country": "Spain"}))
        await add_to_case(branch, TEXT)
        async for _ in branch.run():
            pass
        answer = view_of(tmp_path, "spain").answer
        assert [h.place.name for h in answer.levels["country"]] == ["Spain"]
        assert "a person has set country=Spain" in answer.warnings[0]
        await undo_last(branch)
        await undo_last(branch)
        async for _ in branch.run():
            pass
    answer = view_of(tmp_path, "spain").answer
    assert answer.warnings == ()
    assert answer.levels["country"][0].place.name == "Portugal"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ({"kind": "accept"}, "must be one of"),
        ({"kind": "place", "place": "Atlantis"}, "no place of this name is known"),
        ({"kind": "map_countries", "countries": ["ZZ"]}, "no such country"),
        ({"kind": "time", "time": "yesterday"}, "yesterday"),
        ({"kind": "clue", "text": "x", "box": BOX | {"right": 0.1}}, "empty or too small"),
        ({"kind": "map_region", "lat_deg": 4, "lon_deg": 4, "radius_km": 0}, "must be at least 1"),
    ],
)
async def test_what_cannot_be_read_leaves_the_case_as_it_is(
    tmp_path: Path, statement: dict[str, Any], words: str
) -> None:
    await begin(tmp_path)
    before = store_in(tmp_path).trace_text("one")
    async with store_in(tmp_path).hold("one", tools()) as case:
        with pytest.raises(InputError, match=words):
            await add_to_case(case, statement)
    assert store_in(tmp_path).trace_text("one") == before


def test_what_was_taken_back_is_not_in_force() -> None:
    def act(action: Any, **more: Any) -> HumanInput:
        return HumanInput(action=action, text="does it", **more)

    acts = [act("clue"), act("set"), act("set"), act("undo", reply={"acts": 2}), act("veto")]
    assert positions_in_force(acts) == [0, 4]
    assert positions_in_force([*acts, act("undo"), act("undo")]) == []
