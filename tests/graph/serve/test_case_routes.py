"""The routes of `geoagent serve`, over HTTP, with scripted tools."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from geoagent_graph.cases.names import name_for
from geoagent_graph.types import Answer
from tests.support.cases import store_in
from tests.support.serving import Live, photo, serving, upto_state


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def answered(live: Live) -> str:
    return live.begin()


def test_a_photo_becomes_an_answer(live: Live, answered: str) -> None:
    case = live.case(answered)
    assert len(answered) == 32
    assert int(answered, 16) >= 0
    assert case["status"] == "answered"
    assert case["answer"]["place"]["city"] == "Lisbon"
    assert (case["answer"]["trace"], case["answer"]["tools"]) == ([], [])
    assert list(case["candidates"]) == ["continent", "country", "city"]
    assert case["photo"]["name"] == "photo.png"
    assert case["steps"] == 14
    whole = Answer.model_validate(live.client.get(f"/v1/cases/{answered}/answer").json())
    assert len(whole.trace) == 14


def test_the_trace_is_handed_out_byte_for_byte(live: Live, answered: str) -> None:
    handed_out = live.client.get(f"/v1/cases/{answered}/trace")
    assert handed_out.headers["content-type"] == "application/x-ndjson"
    assert handed_out.content == store_in(live.folder).trace_path(answered).read_bytes()


def test_events_are_the_lines_of_the_trace(live: Live, answered: str) -> None:
    with live.events(answered) as stream:
        *told, state = upto_state(stream, "answered")
    lines = live.client.get(f"/v1/cases/{answered}/trace").text.splitlines()
    assert [event.data for event in told] == [json.loads(line) for line in lines]
    assert [event.id for event in told] == [str(number) for number in range(len(lines))]
    assert [event.kind for event in told] == [json.loads(line)["event"] for line in lines]
    assert state.id is None
    assert state.data["candidates"] == {}


@pytest.mark.parametrize("by", ["header", "query"])
def test_a_stream_resumes_after_an_event(live: Live, answered: str, by: str) -> None:
    case = answered if by == "header" else f"{answered}"
    headers = {"Last-Event-ID": "9"} if by == "header" else {}
    branch = "main" if by == "header" else "main&after=9"
    with live.events(case, branch, **headers) as stream:
        told = upto_state(stream, "answered")
    assert [event.id for event in told] == ["10", "11", "12", "13", "14", "15", None]


def test_one_step_in_full(live: Live, answered: str) -> None:
    step = live.client.get(f"/v1/cases/{answered}/steps/4").json()
    assert step["step"]["node"] == "judge"
    assert [c["place"]["name"] for c in step["candidates"]] == ["Europe", "Africa"]
    missing = live.client.get(f"/v1/cases/{answered}/steps/99")
    assert (missing.status_code, missing.headers["content-type"]) == (
        404,
        "application/problem+json",
    )


def test_the_list_has_the_newest_first(live: Live) -> None:
    first, second = live.begin(), live.begin()
    listed = live.client.get("/v1/cases").json()
    assert [row["id"] for row in listed["cases"][:2]] == [second, first]
    assert listed["total"] >= 2
    assert listed["cases"][0]["branches"][0]["headline"] == "Lisbon, Portugal"
    pages = [live.client.get("/v1/cases", params={"limit": 1, "offset": n}).json() for n in (0, 1)]
    assert [page["cases"] for page in pages] == [[row] for row in listed["cases"][:2]]
    only = live.client.get("/v1/cases", params={"limit": 1}).json()
    assert len(only["cases"]) == 1


def test_a_damaged_case_says_so_and_hides_no_other(live: Live) -> None:
    name = live.begin()
    path = store_in(live.folder).trace_path(name)
    path.write_bytes(path.read_bytes().replace(b"Lisbon", b"Lisbom", 1))
    shown = live.client.get(f"/v1/cases/{name}")
    assert shown.status_code == 409
    assert "was changed" in shown.json()["detail"]
    rows = {row["id"]: row for row in live.client.get("/v1/cases").json()["cases"]}
    assert "was changed" in rows[name]["problem"]
    assert any(row["problem"] is None for row in rows.values())
    verified = live.client.get(f"/v1/cases/{name}/verify").json()
    assert verified["holds"] is False


def test_verify(live: Live, answered: str) -> None:
    verified = live.client.get(f"/v1/cases/{answered}/verify").json()
    assert verified["holds"] is True
    assert verified["head"] == live.case(answered)["head"]
    assert len(verified["checked"]) == 3


def test_the_photo_comes_without_its_metadata(live: Live) -> None:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    Image.new("RGB", (2000, 1000), (200, 10, 10)).save(stream, "JPEG", exif=exif)
    made = live.client.post("/v1/cases", files={"photo": ("a.jpg", stream.getvalue())}).json()
    shown = live.client.get(f"/v1/cases/{made['id']}/photo")
    assert shown.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(shown.content)) as image:
        assert image.size == (1600, 800)
        assert not image.getexif()
    assert b"SECRET" not in shown.content
    again = live.client.get(
        f"/v1/cases/{made['id']}/photo", headers={"If-None-Match": shown.headers["etag"]}
    )
    assert again.status_code == 304
    whole = live.client.get(f"/v1/cases/{made['id']}/photo", params={"max_side": 8192})
    with Image.open(io.BytesIO(whole.content)) as image:
        assert image.size == (2000, 1000)


@pytest.mark.parametrize(
    ("wanted", "kind", "begins"),
    [
        ("html", "text/html", b"<!doctype html>"),
        ("md", "text/markdown", b"# "),
        ("geojson", "application/geo+json", b"{"),
        ("kml", "application/vnd.google-earth.kml+xml", b"<?xml"),
        ("jsonl", "application/x-ndjson", b"{"),
    ],
)
def test_reports_are_files_to_keep(
    live: Live, answered: str, wanted: str, kind: str, begins: bytes
) -> None:
    report = live.client.get(f"/v1/cases/{answered}/report", params={"format": wanted})
    assert report.status_code == 200
    assert report.headers["content-type"].startswith(kind)
    stem = name_for(live.client.get(f"/v1/cases/{answered}").json()["photo"]["name"])
    assert report.headers["content-disposition"].startswith(f'attachment; filename="{stem}-main.')
    assert report.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert report.content.lower().startswith(begins)


def test_a_pdf_needs_a_browser_on_the_server(
    live: Live, answered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoagent_graph.render.pdf.find_browser", lambda: None)
    refused = live.client.get(f"/v1/cases/{answered}/report", params={"format": "pdf"})
    assert refused.status_code == 406
    assert "Chromium" in refused.json()["detail"]
    trace = live.client.get(f"/v1/cases/{answered}/trace").text
    assert '"detail":"pdf"' not in trace


def test_there_is_no_answer_before_there_is_one(live: Live) -> None:
    live.gate.opened.clear()
    try:
        name = live.begin(wait=False)
        for path in ("answer", "report"):
            refused = live.client.get(f"/v1/cases/{name}/{path}")
            assert (refused.status_code, refused.json()["title"]) == (409, "Conflict")
    finally:
        live.gate.opened.set()
    live.until(name, "answered")


def test_exif_can_be_left_unheard_and_questions_asked(live: Live) -> None:
    name = live.begin(wait=False, ask="always", use_exif="false")
    case = live.until(name, "waiting")
    assert case["ask"] == "always"
    opened = json.loads(live.client.get(f"/v1/cases/{name}/trace").text.splitlines()[0])
    assert opened["options"]["use_exif"] is False
    assert case["question"]["level"] == "continent"


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ({"kind": "accept", "place": "Mars"}, "is not among the candidates"),
        ({"kind": "agree"}, "kind"),
        ({"kind": "photo_region", "box": {"left": 0, "top": 0, "right": 2, "bottom": 1}}, "right"),
        (
            {"kind": "photo_region", "box": {"left": 0.5, "top": 0, "right": 0.5, "bottom": 1}},
            "small",
        ),
        ({"kind": "map_region", "lat_deg": 91, "lon_deg": 0, "radius_km": 5}, "lat_deg"),
    ],
)
def test_a_bad_reply_leaves_the_question_open(live: Live, reply: dict[str, Any], says: str) -> None:
    name = live.begin(wait=False, ask="always")
    before = live.until(name, "waiting")
    refused = live.client.post(f"/v1/cases/{name}/answer", json=reply)
    assert refused.status_code == 422
    assert says in refused.json()["detail"]
    after = live.case(name)
    assert (after["status"], after["head"]) == ("waiting", before["head"])
    live.client.post(f"/v1/cases/{name}/answer", json={"kind": "accept"})
    with live.events(name) as stream:
        taken = [event for event in upto_state(stream, "waiting") if event.kind == "human"]
    assert [event.data["input"]["action"] for event in taken] == ["accept"]


def test_a_reply_without_a_question_is_a_conflict(live: Live, answered: str) -> None:
    refused = live.client.post(f"/v1/cases/{answered}/answer", json={"kind": "accept"})
    assert refused.status_code == 409


def test_a_fork_runs_beside_its_parent(live: Live, answered: str) -> None:
    before = live.client.get(f"/v1/cases/{answered}/trace").content
    made = live.client.post(
        f"/v1/cases/{answered}/fork", json={"at_step": 8, "set": {"country": "Spain"}}
    )
    assert made.status_code == 201, made.text
    assert made.json()["branch"] == "spain"
    forked = live.until(answered, "answered", "spain")
    assert [c["place"]["name"] for c in forked["answer"]["levels"]["country"]] == ["Spain"]
    assert live.client.get(f"/v1/cases/{answered}/trace").content == before
    branches = {b["branch"]: b for b in live.case(answered)["branches"]}
    assert branches["spain"]["forked_from"]["step"] == 8


@pytest.mark.parametrize(
    "body",
    [
        {"at_step": 999},
        {"at_step": 4, "set": {"country": "Atlantis"}},
        {"at_step": 4, "name": "main"},
        {"at_step": -1},
        {"at_step": 4, "set": {"planet": "Mars"}},
        {"at_step": 4, "name": "../x"},
    ],
)
def test_a_fork_that_cannot_be_is_refused(live: Live, answered: str, body: dict[str, Any]) -> None:
    refused = live.client.post(f"/v1/cases/{answered}/fork", json=body)
    assert refused.status_code == 422
    assert live.case(answered)["status"] == "answered"


def test_a_veto_goes_on_from_its_level_and_every_tab_sees_it(live: Live) -> None:
    name = live.begin()
    with live.events(name) as one, live.events(name) as other:
        seen = len(upto_state(one, "answered"))
        assert len(upto_state(other, "answered")) == seen
        vetoed = live.client.post(
            f"/v1/cases/{name}/veto", json={"place": "Lisbon", "because": "no river"}
        )
        assert vetoed.status_code == 202
        later = upto_state(one, "answered")
        assert [e.data for e in upto_state(other, "answered")] == [e.data for e in later]
    human = next(event for event in later if event.kind == "human")
    assert human.data["input"]["text"] == "vetoes Lisbon: no river"
    case = live.case(name)
    assert [c["place"]["name"] for c in case["answer"]["levels"]["city"]] == ["Porto"]
    assert [item["place"]["name"] for item in case["excluded"]] == ["Lisbon"]


def test_a_veto_interrupts_a_run_and_what_it_excludes_shows_at_once(live: Live) -> None:
    name = live.begin(wait=False, ask="always")
    live.until(name, "waiting")
    live.gate.opened.clear()
    try:
        live.client.post(f"/v1/cases/{name}/answer", json={"kind": "accept"})
        live.until(name, "running")
        case = live.client.post(
            f"/v1/cases/{name}/veto", json={"place": "Africa", "because": "the light"}
        ).json()
        assert case["status"] in ("queued", "running")
        assert [item["place"]["name"] for item in case["excluded"]] == ["Africa"]
    finally:
        live.gate.opened.set()
    live.until(name, "waiting")


def test_a_veto_without_a_place_or_a_reason_is_refused(live: Live, answered: str) -> None:
    for body in (
        {"place": "Lisbon", "because": " "},
        {"place": "Atlantis", "because": "x"},
        {"place": "Lisbon"},
    ):
        assert live.client.post(f"/v1/cases/{answered}/veto", json=body).status_code == 422


def test_a_note_does_not_disturb_the_run(live: Live) -> None:
    live.gate.opened.clear()
    try:
        name = live.begin(wait=False)
        live.until(name, "running")
        noted = live.client.post(f"/v1/cases/{name}/notes", json={"text": "<b>mind</b> the sign"})
        assert noted.status_code == 202
        assert noted.json()["status"] == "running"
    finally:
        live.gate.opened.set()
    live.until(name, "answered")
    events = [json.loads(x) for x in live.client.get(f"/v1/cases/{name}/trace").text.splitlines()]
    assert [e["text"] for e in events if e["event"] == "note"] == ["<b>mind</b> the sign"]
    assert len([e for e in events if e["event"] == "step"]) == 14
    assert live.client.get(f"/v1/cases/{name}/verify").json()["holds"] is True


def test_a_run_is_stopped_and_taken_up_again(live: Live) -> None:
    live.gate.opened.clear()
    try:
        name = live.begin(wait=False)
        live.until(name, "running")
        stopped = live.client.post(f"/v1/cases/{name}/stop")
        assert (stopped.status_code, stopped.json()["status"]) == (202, "unfinished")
    finally:
        live.gate.opened.set()
    one = live.client.post(f"/v1/cases/{name}/resume", json={"one_step": True})
    assert one.status_code == 202
    steps = live.until(name, "unfinished")["steps"]
    live.client.post(f"/v1/cases/{name}/resume")
    assert live.until(name, "answered")["steps"] == 14
    assert 0 < steps < 14


def test_what_is_not_there_is_not_found(live: Live, answered: str) -> None:
    absent = "0" * 32
    for method, path in (
        ("GET", f"/v1/cases/{absent}"),
        ("GET", f"/v1/cases/{absent}/events"),
        ("GET", f"/v1/cases/{answered}?branch=nowhere"),
        ("GET", f"/v1/cases/{absent}/photo"),
        ("POST", f"/v1/cases/{absent}/resume"),
        ("POST", f"/v1/cases/{absent}/stop"),
        ("GET", "/v2"),
        ("GET", "/docs"),
        ("GET", "/static/none.js"),
    ):
        missing = live.client.request(method, path)
        assert missing.status_code == 404, path
        assert missing.headers["content-type"] == "application/problem+json"
    assert not (live.folder / "cases" / absent).exists()
    wrong = live.client.put(f"/v1/cases/{answered}")
    assert (wrong.status_code, wrong.json()["status"]) == (405, 405)


def test_the_map(live: Live) -> None:
    world = live.client.get("/v1/map/world")
    countries = world.json()["objects"]["countries"]["geometries"]
    assert len(countries) > 200
    assert world.headers["content-encoding"] == "gzip"
    assert "max-age=604800" in world.headers["cache-control"]
    plain = live.client.get("/v1/map/world", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == world.json()
    same = live.client.get("/v1/map/world", headers={"If-None-Match": world.headers["etag"]})
    assert same.status_code == 304


def test_search_finds_places_by_name(live: Live) -> None:
    found = live.client.get("/v1/search", params={"q": "Porto"}).json()
    assert [item["place"]["id"] for item in found["places"]] == ["geonames:2735943"]
    assert live.client.get("/v1/search", params={"q": "x" * 101}).status_code == 422


def test_about_names_its_limits_and_sources(live: Live) -> None:
    about = live.client.get("/v1/about").json()
    assert about["policy"] == "scripted"
    assert about["limits"]["upload_bytes"] == 64_000_000
    assert any("GeoNames" in text for text in about["attributions"])


def test_texts_from_outside_come_back_as_text(live: Live) -> None:
    hostile = '<img src=x onerror=alert(1)>"</script>.png'
    made = live.client.post("/v1/cases", files={"photo": photo(hostile)}).json()
    live.until(made["id"], "answered")
    live.client.post(
        f"/v1/cases/{made['id']}/veto",
        json={"place": "Porto", "because": "<script>alert(2)</script>"},
    )
    live.until(made["id"], "answered")
    case = live.client.get(f"/v1/cases/{made['id']}")
    assert case.headers["content-type"] == "application/json"
    assert case.headers["x-content-type-options"] == "nosniff"
    assert "<img" in case.json()["photo"]["name"]
    for wanted in ("html", "kml", "md"):
        report = live.client.get(f"/v1/cases/{made['id']}/report", params={"format": wanted}).text
        assert "<img src=x" not in report
        assert report.count("<script") == (wanted == "html")  # which checks the trace
        assert "alert" in report or wanted == "kml"
