"""Routes that steer a case: notes and replies, and what is refused with the case untouched."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.support.app_client import app_client
from tests.support.cases import begin, view_of


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
        ({"kind": "guess"}, "Input tag"),
        ({}, "Unable to extract tag"),
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
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_leaves_the_case_as_it_is(
    home: Path, route: str, body: dict[str, Any]
) -> None:
    before = view_of(home).head
    with app_client(home) as client:
        assert client.post(f"/v1/cases/one/{route}", json=body).status_code == 422
    assert view_of(home).head == before


@pytest.mark.parametrize("route", ["resume", "stop", "notes", "veto", "fork", "answer"])
def test_no_case_can_be_changed_that_is_not_there(tmp_path: Path, route: str) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "notes": {"text": "x"}, "veto": {"place": "Europe", "because": "x"},
        "fork": {"at_step": 1}, "answer": {"kind": "accept"},
    }  # fmt: skip
    with app_client(tmp_path) as client:
        missing = client.post(f"/v1/cases/none/{route}", json=bodies.get(route, {}))
    assert (missing.status_code, missing.json()["title"]) == (404, "Not Found")
