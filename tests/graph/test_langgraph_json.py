"""`langgraph.json` and the graph it names: what LangGraph's own tools open."""

import base64
import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from geoagent_graph import studio
from geoagent_graph.studio import RefusedInput, photo_graph
from geoagent_graph.testing import scripted_toolbox
from geoagent_graph.types import Answer
from tests.support.cases import photo_bytes
from tests.support.paths import ROOT

INTERNAL = {"hypotheses", "scores", "steps", "round", "accepted", "counted_from", "run", "pinned"}


def _graph() -> Any:
    tools = scripted_toolbox()
    return photo_graph(lambda: tools)


def _named() -> Any:
    """Return the graph that `langgraph.json` names, found as LangGraph finds it."""
    named = json.loads((ROOT / "langgraph.json").read_text())["graphs"]["geoagent"]
    path, factory = named.split(":")
    spec = importlib.util.spec_from_file_location("named_by_langgraph_json", ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, factory)()


def test_it_names_a_graph_that_opens_nothing_before_a_photo_comes_in() -> None:
    before = studio._open_tools.cache_info()
    graph = _named()
    assert graph.name == "geoagent"
    assert studio._open_tools.cache_info() == before


def test_the_project_is_what_it_installs() -> None:
    assert json.loads((ROOT / "langgraph.json").read_text())["dependencies"] == ["."]


def test_the_schemas_are_for_people_and_hide_the_state() -> None:
    graph = _named()
    given, answered = graph.get_input_jsonschema(), graph.get_output_jsonschema()
    assert set(given["properties"]) == {
        "photo_path",
        "photo_base64",
        "photo_name",
        "use_exif",
        "ask",
    }
    assert all(field.get("description") for field in given["properties"].values())
    assert set(answered["properties"]) == {"answer"}
    assert not INTERNAL & (set(given["properties"]) | set(answered["properties"]))


async def test_a_photo_gives_an_answer_that_its_schema_allows() -> None:
    graph = _graph()
    photo = base64.b64encode(photo_bytes()).decode()
    output = await graph.ainvoke({"photo_base64": photo, "photo_name": "<b>.png"})
    jsonschema.validate(output, graph.get_output_jsonschema())
    answer = Answer.model_validate(output["answer"])
    assert (answer.place.city, answer.image.name) == ("Lisbon", "<b>.png")


async def test_a_path_is_read_below_the_current_folder_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "here"
    inside.mkdir()
    (inside / "photo.png").write_bytes(photo_bytes())
    (tmp_path / "secret.png").write_bytes(photo_bytes())
    (inside / "link.png").symlink_to(tmp_path / "secret.png")
    monkeypatch.chdir(inside)
    output = await _graph().ainvoke({"photo_path": "photo.png"})
    assert output["answer"]["image"]["name"] == "photo.png"
    for path in ("../secret.png", str(tmp_path / "secret.png"), "link.png"):
        with pytest.raises(RefusedInput, match="outside the folders"):
            await _graph().ainvoke({"photo_path": path})


async def test_input_without_a_photo_or_with_with_a_wrong_choice_is_refused() -> None:
    with pytest.raises(RefusedInput, match="give a photo"):
        await _graph().ainvoke({"use_exif": True})
    with pytest.raises(ValueError, match="'never', 'unsure' or 'always'"):
        await _graph().ainvoke({"photo_base64": "", "ask": "sometimes"})


async def test_a_question_waits_and_the_pixels_do_not_stay_in_the_state() -> None:
    tools = scripted_toolbox()
    graph = photo_graph(lambda: tools)
    graph.checkpointer = InMemorySaver()
    thread: Any = {"configurable": {"thread_id": "one"}}
    photo = base64.b64encode(photo_bytes()).decode()
    asked = await graph.ainvoke({"photo_base64": photo, "ask": "always"}, thread)
    levels = []
    while "__interrupt__" in asked:
        levels.append(asked["__interrupt__"][0].value["level"])
        state = (await graph.aget_state(thread)).values
        assert state["photo_base64"] is None
        asked = await graph.ainvoke(Command(resume={"kind": "accept"}), thread)
    assert levels == ["continent", "country", "city"]
    assert asked["answer"]["place"]["city"] == "Lisbon"
