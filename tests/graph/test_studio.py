"""The graph for LangGraph's tools: photos in base64, refusals whose words are shown."""

import base64
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from geoagent_graph.errors import InputError
from geoagent_graph.studio import RefusedInput, photo_graph
from geoagent_graph.testing import scripted_toolbox

PHOTO = base64.b64encode(b"a photo").decode()


async def run(given: dict[str, Any]) -> dict[str, Any]:
    """Return what the graph makes of an input."""
    result: dict[str, Any] = await photo_graph(scripted_toolbox).ainvoke(given)
    return result


async def test_a_photo_in_base64_gets_an_answer_and_nothing_else() -> None:
    out = await run({"photo_base64": PHOTO, "photo_name": "tram.jpg"})
    assert list(out) == ["answer"]
    assert out["answer"]["place"]["city"] == "Lisbon"
    assert out["answer"]["image"]["name"] == "tram.jpg"
    url = await run({"photo_base64": f"data:image/png;base64,{PHOTO}"})
    assert url["answer"]["image"]["sha256"] == out["answer"]["image"]["sha256"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "give a photo: photo_path or photo_base64"),
        ({"photo_base64": "%%%"}, "photo_base64: is not base64"),
        ({"photo_base64": PHOTO, "photo_path": "a.jpg"}, "give photo_path or photo_base64"),
    ],
)
async def test_refusals_are_errors_of_a_kind_whose_words_are_shown(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(RefusedInput, match=message) as error:
        await run({"use_exif": True, **given})
    assert isinstance(error.value, ValueError)
    assert isinstance(error.value, InputError)


async def test_a_path_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photo")
    with pytest.raises(RefusedInput, match=r"photo\.jpg"):
        await run({"photo_path": str(photo)})


async def test_unknown_choices_are_refused() -> None:
    with pytest.raises(ValidationError):
        await run({"photo_base64": PHOTO, "ask": "sometimes"})
