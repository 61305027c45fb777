"""The routes of a case with several photos, over HTTP, with scripted tools."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.app_client import app_client
from tests.support.cases import begin_trip, photo_bytes, store_in
from tests.support.serving import PATIENCE_SECONDS, serving
from tests.support.slow_server import slow_server
from tests.support.videos import write_video

Sent = tuple[str, tuple[str, bytes, str]]


def sent(name: str, content: bytes | None = None, shade: int = 0) -> Sent:
    """Return a file as it goes into the form of a trip; a photo of its own where none is given."""
    return "photos", (name, photo_bytes((shade, 2, 3)) if content is None else content, "")


def test_photos_of_a_trip_are_branches_of_one_case(tmp_path: Path) -> None:
    asyncio.run(begin_trip(tmp_path))
    with serving(tmp_path) as live:
        row = live.client.get("/v1/cases").json()["cases"][0]
        assert [branch["status"] for branch in row["branches"]] == ["answered", "answered"]
        together = live.client.get("/v1/cases/trip/trip").json()
        assert "Lisbon" in together["headline"]
        assert {photo["name"] for photo in together["photos"]} == {"a.png", "b.png"}
        assert together["map"].startswith("data:image/svg+xml;base64,")
        alone = live.begin()
        assert live.client.get(f"/v1/cases/{alone}/trip").json()["photos"] == []
        assert live.client.get("/v1/cases/none/trip").status_code == 404
        names = set()
        for branch in row["branches"]:
            where = {"branch": branch["branch"]}
            names.add(live.case("trip", branch["branch"])["photo"]["name"])
            assert live.client.get("/v1/cases/trip/photo", params=where).status_code == 200
            assert live.client.get("/v1/cases/trip/verify", params=where).json()["holds"]
            assert live.client.get("/v1/cases/trip/report", params=where).status_code == 200
        assert names == {"a.png", "b.png"}


@pytest.mark.parametrize(("wanted", "status"), [("json", 422), ("pdf", 406)])
def test_a_trace_says_nothing_of_files_that_were_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, status: int
) -> None:
    monkeypatch.setattr("geoagent_graph.render.pdf.find_browser", lambda: None)
    asyncio.run(begin_trip(tmp_path))
    with app_client(tmp_path) as client:
        refused = client.get("/v1/cases/trip/trip/report", params={"format": wanted})
        assert refused.status_code == status
    trip = store_in(tmp_path).read_trip("trip")
    assert trip is not None
    assert [event for event in trip.events if event.event == "custody"] == []


def test_one_call_makes_a_trip_and_tells_what_its_photos_say_together(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        times = {"times": "2024-05-01T12:00,2024-05-01T10:00"}
        files = [sent("late.png", shade=1), sent("early.png", shade=2)]
        made = live.client.post("/v1/trips", files=files, data=times, params={"wait": 60})
        assert made.status_code == 201, made.text
        trip = made.json()
        assert (trip["status"], trip["refused"]) == ("answered", [])
        assert "Lisbon" in trip["headline"]
        assert [photo["name"] for photo in trip["photos"]] == ["early.png", "late.png"]
        assert [photo["status"] for photo in trip["photos"]] == ["answered", "answered"]
        assert trip["photos"][0]["joint"]["lat_deg"] == pytest.approx(38.7, abs=0.1)
        again = live.client.get(made.headers["Location"]).json()
        assert again == trip
        row = live.client.get("/v1/cases").json()["cases"][0]
        assert (row["photos"], row["headline"]) == (2, trip["headline"])


def test_bad_files_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        same = photo_bytes((9, 9, 9))
        files = [
            sent("broken.jpg", b"\xff\xd8\xff" + bytes(99)),
            sent("../../a.png", same),
            sent("a again.png", same),
            sent("b.png", shade=3),
        ]
        made = live.client.post("/v1/trips", files=files, params={"wait": 60}).json()
        assert [photo["name"] for photo in made["refused"]] == ["broken.jpg", "a again.png"]
        assert "same file as a.png" in made["refused"][1]["reason"]
        assert {photo["name"] for photo in made["photos"]} == {"a.png", "b.png"}
        (note,) = live.client.get(f"/v1/cases/{made['id']}/trip").json()["notes"]
        assert "broken.jpg" in note
        assert made["status"] == "answered"


def test_one_photo_that_is_left_has_the_note_of_the_refused(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        files = [sent("a.jpg", b"no photo"), sent("b.png")]
        made = live.client.post("/v1/trips", files=files, params={"wait": 60}).json()
        (note,) = made["notes"]
        assert "a.jpg" in note
        reply = live.client.post("/v1/trips", data={"photos": "words"})
        assert reply.json()["detail"] == "photos.0: must be a file"


def test_a_trip_that_is_deleted_while_somebody_waits_is_gone(tmp_path: Path) -> None:
    with serving(tmp_path) as live, ThreadPoolExecutor(1) as threads:
        live.gate.opened.clear()
        files = [sent("a.png", shade=1), sent("b.png", shade=2)]
        where = live.client.post("/v1/trips", files=files).headers["Location"]
        waiting = threads.submit(live.client.get, where, params={"wait": 30})
        time.sleep(0.3)
        assert live.client.delete(where.removesuffix("/trip")).status_code == 204
        live.gate.opened.set()
        assert waiting.result().status_code == 404


def test_what_cannot_be_a_trip_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, limits={"trip_bytes": 100_000}) as live:

        def refusal(files: list[Sent], **form: str) -> Any:
            reply = live.client.post("/v1/trips", files=files, data=form)
            return reply.status_code, reply.json()["detail"]

        many = [sent(f"{number}.png", shade=number) for number in range(30)]
        status, detail = refusal(many)
        assert (status, "leave out 6" in detail) == (422, True)
        assert refusal([sent("a.jpg", b"no photo")])[0] == 422
        assert "times: 2 for 1" in refusal([sent("a.png")], times="1:00,2:00")[1]
        assert "dates only" in refusal(many[:2], times="2024-05-01T10:00,1:00")[1]
        assert "is no country" in refusal(many[:2], countries="XQ")[1]
        assert refusal([sent("a.png", bytes(200_000))])[0] == 413
        assert live.client.get("/v1/cases").json()["total"] == 0


def test_a_video_becomes_its_scenes(tmp_path: Path) -> None:
    film = write_video(tmp_path / "walk.mp4")
    with serving(tmp_path / "home") as live:
        files = [sent("walk.mp4", film), sent("second.mp4", film + b"x"), sent("a.png")]
        trip = live.client.post("/v1/trips", files=files, params={"wait": 60}).json()
        names = [photo["name"] for photo in trip["photos"]]
        assert [name.partition(" at ")[0] for name in names] == [*3 * ["walk.mp4"], "a.png"]
        assert "since the video began" in trip["photos"][0]["time"]
        (refused,) = trip["refused"]
        assert refused["name"] == "second.mp4"
        home = tmp_path / "home" / "photos"
        assert len([path for path in home.rglob("*") if path.is_file()]) == 4
        assert live.client.delete(f"/v1/cases/{trip['id']}").status_code == 204
        assert [path for path in home.rglob("*") if path.is_file()] == []


def test_a_veto_of_one_photo_has_all_weighed_anew(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        files = [sent("a.png", shade=1), sent("b.png", shade=2)]
        trip = live.client.post("/v1/trips", files=files, params={"wait": 60}).json()
        vetoed = {"place": "Lisbon", "because": "the trams are yellow elsewhere too"}
        live.client.post(f"/v1/cases/{trip['id']}/veto", json=vetoed, params={"branch": "photo-2"})
        where = f"/v1/cases/{trip['id']}/trip"
        after = live.client.get(where, params={"wait": 60}).json()
        assert after["status"] == "answered"
        assert not any("changed since" in words for words in after["warnings"])
        assert after["photos"] != trip["photos"]


def test_a_killed_server_goes_on_with_a_trip(tmp_path: Path) -> None:
    with slow_server(tmp_path) as (process, url):
        with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_SECONDS) as client:
            files = [sent("a.png", shade=1), sent("b.png", shade=2)]
            made = client.post("/v1/trips", files=files).json()
        process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)
    with serving(tmp_path) as live:
        where = f"/v1/cases/{made['id']}/trip"
        ends = time.monotonic() + PATIENCE_SECONDS
        while (trip := live.client.get(where).json())["status"] != "answered":
            assert time.monotonic() < ends, trip
            time.sleep(0.05)
        assert len(trip["photos"]) == 2
