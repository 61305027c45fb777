"""Reference photos and zoomed parts reach the model as pictures."""

import base64
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai")

import numpy as np
from PIL import Image

from geoagent_graph import locate
from geoagent_graph.errors import InputError
from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.policies.backends.openai.client import ServerOptions
from geoagent_graph.policies.backends.openai.open_served import open_served_policy
from geoagent_graph.policies.model.open_model import PolicyTools
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.model.reference_photos import ReferencePhotos
from geoagent_graph.settings import load_settings
from geoagent_graph.testing import FixedRetriever, scripted_toolbox
from geoagent_graph.testing.mock_server import MockRequest, MockServer, ScriptedModel, completion
from geoagent_graph.types import Answer, Reference

LISBON = ScriptedModel.towards("Europe", "Portugal", "Lisbon")
RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 170, 40), (30, 40, 200), (128, 128, 128)


@pytest.fixture(scope="module")
def geocoder() -> OfflineGeocoder:
    return open_geocoder(load_settings())


def _photo(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (640, 480)) -> Path:
    Image.new("RGB", size, colour).save(path, quality=95)
    return path


def _manifest(folder: Path) -> Path:
    rows = []
    for name, colour in {"porto": RED, "faro": GREEN, "rabat": BLUE}.items():
        _photo(folder / f"{name}.jpg", colour)
        rows.append({"id": name, "file": f"{name}.jpg", "lat": 40, "lon": -8})
    manifest = folder / "photos.jsonl"
    manifest.write_text("\n".join(json.dumps(row) for row in rows))
    return manifest


def _references() -> list[Reference]:
    where = {"porto": "PT", "rabat": "MA", "faro": "PT"}
    return [
        Reference(id=name, score=0.9, lat_deg=40, lon_deg=-8, country_code=code)
        for name, code in where.items()
    ]


def shown(request: MockRequest) -> list[tuple[int, int, int]]:
    """Return the mean colour of every picture of a request, in order."""
    pictures = []
    for message in request.body["messages"]:
        for part in message["content"] if isinstance(message["content"], list) else ():
            if part["type"] == "image_url":
                kind, _, data = part["image_url"]["url"].partition(",")
                assert kind == "data:image/jpeg;base64"
                picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
                mean = np.asarray(picture.convert("RGB")).reshape(-1, 3).mean(0)
                red, green, blue = (round(float(value)) for value in mean)
                pictures.append((red, green, blue))
    return pictures


def _near(found: Sequence[Any], wanted: Sequence[Any]) -> bool:
    return len(found) == len(wanted) and bool(
        np.all(np.abs(np.array(found, int) - np.array(wanted, int)) <= 4)
    )


class Retrieving:
    """A model that looks at reference photos before it names a country."""

    def __init__(self, *steps: dict[str, Any]) -> None:
        self.steps = list(steps) or [{"action": "retrieve"}]

    def __call__(self, request: MockRequest) -> Any:
        schema = request.body.get("response_format", {}).get("json_schema", {}).get("schema", {})
        if "next" in schema.get("properties", {}) and self.steps:
            return completion(json.dumps({"thought": ["look"], "next": self.steps.pop(0)}))
        return LISBON(request)


async def _located(
    model: Retrieving,
    geocoder: OfflineGeocoder,
    folder: Path,
    *,
    manifest: Path | None,
    in_graph: bool = False,
    **options: Any,
) -> tuple[Answer, list[MockRequest]]:
    images = PhotoStore(load_settings())
    retriever = FixedRetriever(_references())
    async with MockServer(model) as server:
        policy = open_served_policy(
            ServerOptions(base_url=server.base_url, model=server.model),
            PolicyTools(
                images=images,
                geocoder=geocoder,
                retriever=retriever,
                countries_of={"EU": frozenset({"PT", "ES"}), "AF": frozenset({"MA"})},
            ),
            options=ModelPolicyOptions(**options),
            reference_photos=manifest,
        )
        found = {"retriever": retriever} if in_graph else {}
        toolbox = scripted_toolbox(policy=policy, images=images, geocoder=geocoder, **found)
        answer = await locate(_photo(folder / "asked.jpg", GREY), toolbox=toolbox)
        await toolbox.aclose()
        return answer, server.requests


async def test_retrieve_shows_the_reference_photos_of_the_region(
    geocoder: OfflineGeocoder, tmp_path: Path
) -> None:
    answer, requests = await _located(
        Retrieving(), geocoder, tmp_path, manifest=_manifest(tmp_path)
    )
    turns = [r for r in requests if "Choose one action" in r.text and "country in" in r.text]
    assert _near(shown(turns[0]), [GREY])
    # Europe is accepted: the photo from Morocco is not among them
    assert _near(shown(turns[1]), [GREY, RED, GREEN])
    assert "Result of retrieve" in turns[1].text
    assert turns[1].text.count("- reference photo") == 2
    (used,) = (call for call in answer.tools if call.tool == "policy.retrieve")
    assert used.error is None
    assert answer.usage.images == sum(len(shown(request)) for request in requests)
    assert answer.place.city == "Lisbon"


async def test_pictures_keep_to_their_number(geocoder: OfflineGeocoder, tmp_path: Path) -> None:
    model = Retrieving(
        {"action": "zoom", "left": 0, "top": 0, "right": 50, "bottom": 50}, {"action": "retrieve"}
    )
    _, requests = await _located(
        model, geocoder, tmp_path, manifest=_manifest(tmp_path), pictures=3
    )
    turns = [r for r in requests if "Choose one action" in r.text and "country in" in r.text]
    assert [shown(turn)[-1] == shown(turn)[0] for turn in turns[:2]] == [True, True]
    assert _near(shown(turns[2]), [GREY, GREY, RED])
    assert max(request.images for request in requests) == 3


async def test_references_that_the_graph_found_stand_beside_the_photo(
    geocoder: OfflineGeocoder, tmp_path: Path
) -> None:
    """The graph searches after the candidates are named: the verdict sees what it found."""
    _, requests = await _located(
        Retrieving({"action": "answer"}), geocoder, tmp_path, manifest=_manifest(tmp_path),
        in_graph=True, accept_at=1.0,
    )  # fmt: skip
    verdicts = [request for request in requests if "Decide:" in request.text]
    assert _near(shown(verdicts[0]), [GREY, RED, BLUE])  # of the whole world
    assert _near(shown(verdicts[1]), [GREY, RED, GREEN])  # of Europe
    assert "Reference photos that look alike" in verdicts[1].text


async def test_without_the_manifest_the_model_gets_words_alone(
    geocoder: OfflineGeocoder, tmp_path: Path
) -> None:
    _, requests = await _located(Retrieving(), geocoder, tmp_path, manifest=None)
    turns = [r for r in requests if "Choose one action" in r.text and "country in" in r.text]
    assert _near(shown(turns[1]), [GREY])
    assert "similarity 0.90, taken at 40.00, -8.00 in PT" in turns[1].text


def test_photos_without_an_id_are_known_by_their_digest(tmp_path: Path) -> None:
    photo = _photo(tmp_path / "a.jpg", BLUE)
    rows = [{"file": name, "lat": 1, "lon": 1} for name in ("gone.jpg", "a.jpg", 7)]
    (tmp_path / "m.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    images = PhotoStore(load_settings())
    photos = ReferencePhotos(tmp_path / "m.jsonl", images, 285_043)
    digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    found = Reference(id=f"sha256:{digest[:16]}", score=1, lat_deg=1, lon_deg=1)
    other = found.model_copy(update={"id": "sha256:0000000000000000"})
    assert photos.picture(other) is None
    picture = photos.picture(found)
    assert picture is not None
    assert Image.open(io.BytesIO(picture.jpeg)).size == (616, 462)


async def test_reference_photos_that_are_gone_are_left_out(
    geocoder: OfflineGeocoder, tmp_path: Path
) -> None:
    manifest = _manifest(tmp_path)
    (tmp_path / "porto.jpg").unlink()
    (tmp_path / "faro.jpg").write_bytes(b"no photo")
    answer, requests = await _located(Retrieving(), geocoder, tmp_path, manifest=manifest)
    assert {request.images for request in requests} == {1}
    assert answer.place.city == "Lisbon"


@pytest.mark.parametrize("text", ["[1]", '{"id": "a"}', "not JSON", '{"id": 3, "file": null}'])
async def test_a_file_that_is_no_manifest_is_named(
    text: str, geocoder: OfflineGeocoder, tmp_path: Path
) -> None:
    (tmp_path / "m.jsonl").write_text(text)
    with pytest.raises(InputError, match=r"m\.jsonl"):
        await _located(Retrieving(), geocoder, tmp_path, manifest=tmp_path / "m.jsonl")


async def test_a_manifest_shows_no_file_outside_of_its_folder(
    geocoder: OfflineGeocoder, tmp_path: Path
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    _photo(tmp_path / "secret.jpg", RED)
    manifest = inside / "m.jsonl"
    manifest.write_text(json.dumps({"id": "porto", "file": "../secret.jpg", "lat": 1, "lon": 1}))
    with pytest.raises(InputError, match="leaves the manifest's folder"):
        await _located(Retrieving(), geocoder, tmp_path, manifest=manifest)
