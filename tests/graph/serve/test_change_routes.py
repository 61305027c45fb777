"""Routes that steer a case: notes and replies, and what is refused with the case untouched."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.support.app_client import app_client
from tests.support.cases import begin, photo_bytes, view_of


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder with a case that waits for a reply."""
    asyncio.run(begin(tmp_path, ask="always"))
    return tmp_path


def test_a_note_goes_into_the_trace_and_the_question_stays(home: Path) -> None:
    with app_client(home) as client:
        state = client.post("/v1/cases/one/notes", json={"text": "<b>it rains</b>"})
    assert (state.status_code, state.json()["status"]) == (202, "waiting")
    last = view_of(home).events[-1]
    assert (last.event, last.text) == ("note", "<b>it rains</b>")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ({"kind": "accept", "place": "Atlantis"}, "Atlantis"),
        ({"kind": "photo_region", "box": {"left": 0, "top": 0, "right": 0, "bottom": 0}}, "box"),
        ({"kind": "guess"}, "must be one of"),
        ({}, "which says what it is"),
    ],
)
def test_a_reply_that_does_not_fit_leaves_the_question_open(
    home: Path, reply: dict[str, Any], words: str
) -> None:
    before = len(view_of(home).events)
    with app_client(home) as client:
        refused = client.post("/v1/cases/one/answer", json=reply)
    assert refused.status_code in (404, 422)
    assert words in refused.json()["detail"]
    assert len(view_of(home).events) == before
    assert view_of(home).question is not None


def test_a_reply_to_nothing_is_a_conflict(home: Path) -> None:
    asyncio.run(begin(home, "done"))
    with app_client(home) as client:
        refused = client.post("/v1/cases/done/answer", json={"kind": "accept"})
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "done/main: no question is open",
    )


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("notes", {"text": " "}), ("notes", {"text": "x", "more": 1}),
        ("veto", {"place": "Atlantis", "because": "sunk"}),
        ("veto", {"place": "Europe", "because": ""}),
        ("fork", {"at_step": 99}), ("fork", {"at_step": -1}),
        ("clues", {"kind": "accept"}), ("clues", {"kind": "place", "place": "Atlantis"}),
        ("clues", {"kind": "map_outline", "geojson": {"type": "Point"}}), ("undo", {}),
        ("clues", {"kind": "sun_position"}),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_leaves_the_case_as_it_is(
    home: Path, route: str, body: dict[str, Any]
) -> None:
    before = view_of(home).head
    with app_client(home) as client:
        assert client.post(f"/v1/cases/one/{route}", json=body).status_code == 422
    assert view_of(home).head == before


@pytest.mark.parametrize(
    "route", ["resume", "stop", "notes", "veto", "fork", "answer", "clues", "undo"]
)
def test_no_case_can_be_changed_that_is_not_there(tmp_path: Path, route: str) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "notes": {"text": "x"}, "veto": {"place": "Europe", "because": "x"},
        "fork": {"at_step": 1}, "answer": {"kind": "accept"},
        "clues": {"kind": "clue", "text": "x"},
    }  # fmt: skip
    with app_client(tmp_path) as client:
        missing = client.post(f"/v1/cases/none/{route}", json=bodies.get(route, {}))
    assert (missing.status_code, missing.json()["title"]) == (404, "Not Found")


def test_a_finished_case_takes_a_clue_and_gives_it_back(tmp_path: Path) -> None:
    asyncio.run(begin(tmp_path))
    countries = {"kind": "map_countries", "countries": ["PT"]}
    with app_client(tmp_path) as client:
        assert client.post("/v1/cases/one/clues", json=countries).status_code == 202
        state = client.get("/v1/cases/one?wait=20").json()
        assert "a person looks only in Portugal" in [c["text"] for c in state["answer"]["clues"]]
        assert client.post("/v1/cases/one/undo").status_code == 202
        state = client.get("/v1/cases/one?wait=20").json()
        assert state["status"] == "answered"
        assert [c for c in state["answer"]["clues"] if c["source"] == "person"] == []


def test_what_is_known_comes_with_the_photo(tmp_path: Path) -> None:
    known = {"near": "38.7,-9.1,50", "countries": "pt, ES", "context": "a holiday"}
    with app_client(tmp_path) as client:
        state = client.post(
            "/v1/locate", files={"photo": ("p.png", photo_bytes())}, data=known
        ).json()
        texts = [clue["text"] for clue in state["answer"]["clues"] if clue["source"] == "person"]
        assert texts == [
            "a person looks only within 50 km of 38.7000, -9.1000",
            "a person looks only in Portugal or Spain",
            "a holiday",
        ]
        for field, words in (("near", "1,2"), ("countries", "XX"), ("context", "x" * 2001)):
            refused = client.post(
                "/v1/locate", files={"photo": ("p.png", photo_bytes())}, data={field: words}
            )
            assert refused.status_code == 422
            assert field in refused.json()["detail"]
