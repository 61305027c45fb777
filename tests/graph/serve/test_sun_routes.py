"""A shadow is measured without a change of its case."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.images.exif import PhotoExifReader
from geoagent_graph.settings import load_settings
from tests.support.app_client import app_client
from tests.support.cases import begin, view_of
from tests.support.evidence_cases import model

SHADOW: dict[str, Any] = {
    "kind": "sun_shadow",
    "foot": {"x": 0.4, "y": 0.75},
    "top": {"x": 0.4, "y": 0.55},
    "tip": {"x": 0.6, "y": 0.72},
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    asyncio.run(begin(tmp_path))
    return tmp_path


def test_a_shadow_is_measured_and_the_case_stays(home: Path) -> None:
    before = view_of(home).head
    reader = PhotoExifReader(load_settings())
    with app_client(home, evidence=model(), exif_reader=reader) as client:
        found = client.post("/v1/cases/one/sun", json={"said": SHADOW})
        place = {"said": SHADOW, "position": "41°33'N 8°25'W", "day": "2024-06-21"}
        at_place = client.post("/v1/cases/one/sun", json=place).json()
        timed = client.post(
            "/v1/cases/one/sun", json={"said": {**SHADOW, "time": "2024-06-21T15:30Z"}}
        ).json()
    assert found.status_code == 200
    assert found.json()["words"].startswith("the sun stood ")
    assert at_place["zone"] == "Europe/Lisbon"
    assert len(at_place["days"]) == 1
    assert len(timed["countries"]) == 8
    assert view_of(home).head == before


def test_without_an_evidence_model_of_towns_it_is_measured_too(home: Path) -> None:
    with app_client(home) as client:
        found = client.post("/v1/cases/one/sun", json={"said": SHADOW, "position": "41,-8"}).json()
    assert found["zone"] == "UTC"
    assert found["dates"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "said: is missing"),
        ({"said": {**SHADOW, "time": "noon"}}, "no time"),
        ({"said": SHADOW, "position": "nowhere"}, "is no position"),
        ({"said": SHADOW, "position": "41,-8", "day": "soon"}, "no day"),
        (
            {"said": {**SHADOW, "foot": {"x": 0.4, "y": 0.2}, "top": {"x": 0.4, "y": 0.1}}},
            "horizon",
        ),
        ({"said": {"kind": "clue", "text": "x"}}, "must be one of"),
    ],
)
def test_what_cannot_be_measured_is_a_sentence(
    home: Path, body: dict[str, Any], words: str
) -> None:
    with app_client(home) as client:
        refused = client.post("/v1/cases/one/sun", json=body)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]


def test_a_case_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with app_client(tmp_path) as client:
        assert client.post("/v1/cases/none/sun", json={"said": SHADOW}).status_code == 404
