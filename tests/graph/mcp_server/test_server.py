"""The MCP server, asked by the SDK's own client in this process."""

import asyncio
import base64
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import TextContent, TextResourceContents

from geoagent_graph.images.allowed import AllowedFolders
from geoagent_graph.mcp_server.server import OneLineServer, make_server
from geoagent_graph.mcp_server.service import Service
from geoagent_graph.settings import Settings
from geoagent_graph.testing import (
    FixedRetriever,
    FixedTextReader,
    ScriptedPolicy,
    scripted_toolbox,
)
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Reference
from tests.support.cases import photo_bytes, store_in

HOSTILE_NAME = "<img src=x onerror=alert(1)>.png"
TOOLS = {
    "locate_photo", "investigate_step", "add_clue", "undo", "reverse_geocode", "search_references",
    "geocode", "fork_case", "add_note", "find_cases", "file_case", "delete_case", "locate_trip",
    "read_trip",
}  # fmt: skip


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "photo.png").write_bytes(photo_bytes())
    (tmp_path / "secret.png").write_bytes(photo_bytes((1, 2, 3)))
    return folder


def _server(tmp_path: Path, max_bytes: int = 1_000_000, **parts: Any) -> OneLineServer:
    def opened() -> Toolbox:
        return scripted_toolbox(**{"policy": ScriptedPolicy.towards_lisbon(), **parts})

    settings = Settings(home=tmp_path / "home", max_bytes=max_bytes)
    return make_server(Service(settings, AllowedFolders([tmp_path / "photos"]), opened))


async def _error(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result
    (content,) = result.content
    assert isinstance(content, TextContent)
    assert content.text
    assert "\n" not in content.text
    return content.text


async def _done(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    found: dict[str, Any] = result.structured_content
    return found


async def _resource(client: Client, uri: str) -> str:
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    return content.text


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_photo_is_located_with_progress_and_its_documents_are_resources(
    tmp_path: Path, photos: Path, mode: str
) -> None:
    told = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))

    async with Client(_server(tmp_path), mode=mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == TOOLS
        result = await client.call_tool(
            "locate_photo", {"photo_path": "photo.png"}, progress_callback=tell
        )
        found = result.structured_content
        assert found is not None
        jsonschema.validate(found, tools["locate_photo"].output_schema)
        assert found["claim"]["place"]["city"] == "Lisbon"
        assert [done for done, _, _ in told] == [*range(1, found["steps_in_all"] + 1), 40]
        assert [total for _, total, _ in told[-1:]] == [40]
        assert told[0][1:] == (40, "observe: " + found["new_steps"][0]["summary"])
        schemas = [tool.output_schema or {} for tool in tools.values()]
        assert {schema["type"] for schema in schemas} == {"object"}

        texts = {}
        for name, uri in found["resources"].items():
            texts[name] = await _resource(client, uri)
    view = store_in(tmp_path / "home").read(found["case"])
    assert texts["trace"] == store_in(tmp_path / "home").trace_text(found["case"])
    assert found["trace_head"] == view.head
    assert view.answer is not None
    assert json.loads(texts["answer_json"]) == view.answer.model_dump(mode="json")
    roles = [f["properties"]["role"] for f in json.loads(texts["answer_geojson"])["features"]]
    assert roles[:2] == ["answer", "radius"]
    assert "data:image/jpeg;base64," in texts["report_html"]


async def test_a_case_goes_on_step_by_step_also_after_a_restart(
    tmp_path: Path, photos: Path
) -> None:
    async with Client(_server(tmp_path)) as client:
        begun = await _done(client, "investigate_step", photo_path="photo.png", ask="always")
        assert ([s["node"] for s in begun["new_steps"]], begun["status"]) == (
            ["observe"],
            "unfinished",
        )
        case = begun["case"]
        asked = await _done(client, "investigate_step", case=case, to_the_end=True)
        assert asked["question"]["level"] == "continent"
    async with Client(_server(tmp_path)) as client:
        refused = await _error(
            client, "investigate_step", case=case, reply={"kind": "accept", "place": "Atlantis"}
        )
        assert "not among the candidates" in refused
        unknown = await _error(client, "investigate_step", case=case, reply={"kind": "agree"})
        assert unknown.startswith("reply: ")
        for _ in range(3):
            last = await _done(
                client, "investigate_step", case=case, reply={"kind": "accept"}, to_the_end=True
            )
        assert (last["status"], last["claim"]["headline"]) == ("answered", "Lisbon, Portugal")

        vetoed = await _done(
            client, "investigate_step", case=case, veto="Lisbon", because="no river"
        )
        assert vetoed["status"] == "unfinished"
        await _done(client, "investigate_step", case=case, to_the_end=True)
        again = await _done(
            client, "investigate_step", case=case, reply={"kind": "accept"}, to_the_end=True
        )
        assert again["claim"]["place"]["city"] != "Lisbon"
        assert again["excluded"][0]["name"] == "Lisbon"
        listed = json.loads(await _resource(client, "geoagent://cases"))
        assert [entry["case"] for entry in listed] == [case]


async def test_a_person_adds_to_a_case_and_takes_back(tmp_path: Path, photos: Path) -> None:
    async with Client(_server(tmp_path)) as client:
        begun = await _done(client, "locate_photo", photo_path="photo.png")
        added = {"kind": "map_countries", "countries": ["PT"]}
        after = await _done(client, "add_clue", case=begun["case"], statement=added)
        assert after["status"] == "answered"
        assert after["new_steps"][0]["node"] == "propose"
        back = await _done(client, "undo", case=begun["case"])
        assert back["claim"] == begun["claim"]
        assert "nothing to take back" in await _error(client, "undo", case=begun["case"])


async def test_points_are_looked_up(tmp_path: Path, photos: Path) -> None:
    async with Client(_server(tmp_path)) as client:
        found = await _done(client, "reverse_geocode", lat_deg=38.7, lon_deg=180)
    assert (found["city"], found["country_code"], found["lon_deg"]) == ("Lisbon", "PT", 180)


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "named"),
    [
        (float("nan"), 0, "lat_deg"),
        (float("inf"), 0, "lat_deg"),
        (91, 0, "lat_deg"),
        (0, -181, "lon_deg"),
        ("north", 0, "lat_deg"),
        (None, 0, "lat_deg"),
    ],
)
async def test_coordinates_that_are_none_are_refused(
    tmp_path: Path, photos: Path, lat_deg: Any, lon_deg: Any, named: str
) -> None:
    async with Client(_server(tmp_path)) as client:
        text = await _error(client, "reverse_geocode", lat_deg=lat_deg, lon_deg=lon_deg)
    assert text.startswith(named)


async def test_a_point_is_given_as_it_was_written(tmp_path: Path, photos: Path) -> None:
    async with Client(_server(tmp_path)) as client:
        for position in ("38.7 N 9.1 W", "geo:38.7,-9.1", "https://maps.apple.com/?ll=38.7,-9.1"):
            found = await _done(client, "reverse_geocode", position=position)
            assert (found["city"], found["lat_deg"]) == ("Lisbon", 38.7)
        both = await _error(client, "reverse_geocode", position="geo:1,1", lat_deg=1, lon_deg=1)
        assert both.startswith("position: give it, or lat_deg and lon_deg")
        assert "is no position" in await _error(client, "reverse_geocode", position="Lisbon")


async def test_look_alikes_need_an_index(tmp_path: Path, photos: Path) -> None:
    reference = Reference(id="r1", score=0.9, lat_deg=38.7, lon_deg=-9.1, country_code="PT")
    retriever = FixedRetriever([reference])
    async with Client(_server(tmp_path)) as client:
        text = await _error(client, "search_references", photo_path="photo.png")
    assert "--index" in text
    async with Client(_server(tmp_path, retriever=retriever)) as client:
        found = await _done(client, "search_references", photo_path="photo.png", k=5)
        none = await _done(
            client, "search_references", photo_path="photo.png", country_codes=["FR"]
        )
        wrong = await _error(
            client, "search_references", photo_path="photo.png", country_codes=["france"]
        )
    assert [r["id"] for r in found["references"]] == ["r1"]
    assert none["references"] == []
    assert wrong.startswith("country_codes.0")


def _a_link(folder: Path) -> str:
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    return "link.png"


def _a_linked_folder(folder: Path) -> str:
    (folder / "up").symlink_to(folder.parent)
    return "up/secret.png"


def _a_pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe.png")
    return "pipe.png"


def _a_circle(folder: Path) -> str:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    return "a"


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: "../secret.png",
        lambda folder: str(folder.parent / "secret.png"),
        lambda folder: "x/../../secret.png",
        lambda folder: "/etc/passwd",
        lambda folder: "/proc/self/environ",
        lambda folder: "",
        lambda folder: ".",
        lambda folder: "photo.png\0.jpg",
        lambda folder: "a" * 4000,
        lambda folder: "a" * 5000,
        lambda folder: "missing.png",
        lambda folder: "~/secret.png",
        _a_link,
        _a_linked_folder,
        _a_pipe,
        _a_circle,
    ],
)
async def test_paths_that_lead_elsewhere_are_refused(
    tmp_path: Path, photos: Path, make: Callable[[Path], str]
) -> None:
    path = make(photos)
    async with Client(_server(tmp_path)) as client:
        text = await _error(client, "locate_photo", photo_path=path)
        assert "root:" not in text
    assert store_in(tmp_path / "home").entries() == []


def test_a_link_put_in_place_after_the_look_is_not_followed(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = AllowedFolders([photos])
    (photos / "inner").mkdir()
    (photos / "inner" / "photo.png").write_bytes(b"inside")
    real = AllowedFolders._locate_inside

    def swapped(self: AllowedFolders, path: str, shown: str) -> tuple[Path, Path]:
        found = real(self, path, shown)
        (photos / "inner" / "photo.png").unlink()
        (photos / "inner").rmdir()
        (photos / "inner").symlink_to(photos.parent)
        (photos.parent / "photo.png").write_bytes(b"outside")
        return found

    monkeypatch.setattr(AllowedFolders, "_locate_inside", swapped)
    with pytest.raises(Exception, match="Check the path"):
        folders.read("inner/photo.png", 1000)


async def test_bytes_that_are_no_photo_or_too_many_are_refused(
    tmp_path: Path, photos: Path
) -> None:
    (photos / "large.png").write_bytes(bytes(20_001))
    async with Client(_server(tmp_path, max_bytes=20_000)) as client:
        assert "longer than" in await _error(client, "locate_photo", photo_base64="A" * 100_000)
        assert "larger than" in await _error(client, "locate_photo", photo_path="large.png")
        assert "not base64" in await _error(client, "locate_photo", photo_base64="<svg>")
        assert "not base64" in await _error(client, "locate_photo", photo_base64="Zm9v\u00e9")
        assert "empty" in await _error(client, "locate_photo", photo_base64="")
        assert "format" in await _error(client, "locate_photo", photo_base64="AAAA" * 50)
        assert "give a photo" in await _error(client, "locate_photo")
        both = await _error(client, "locate_photo", photo_path="photo.png", photo_base64="AAAA")
        assert "not both" in both
        unknown = await _error(client, "locate_photo", photo_path=["photo.png"])
        assert unknown.startswith("photo_path: ")


async def test_photos_come_as_programs_write_them(tmp_path: Path, photos: Path) -> None:
    data = photo_bytes()
    (photos / "a b.png").write_bytes(data)
    given = [
        {"photo_base64": base64.encodebytes(data).decode()},
        {"photo_base64": base64.urlsafe_b64encode(data).decode().rstrip("=")},
        {"photo_path": (photos / "a b.png").as_uri()},
    ]
    async with Client(_server(tmp_path)) as client:
        found = [await _done(client, "locate_photo", **photo) for photo in given]
        elsewhere = await _error(client, "locate_photo", photo_path="file://other/a.png")
    assert [item["photo"] for item in found] == ["photo", "photo", "a b.png"]
    assert "a file of another machine" in elsewhere


async def test_a_hostile_name_stays_text(tmp_path: Path, photos: Path) -> None:
    photo = "data:image/png;base64," + base64.b64encode(photo_bytes()).decode()
    async with Client(_server(tmp_path)) as client:
        found = await _done(client, "locate_photo", photo_base64=photo, photo_name=HOSTILE_NAME)
        hidden = await _done(
            client, "locate_photo", photo_base64=photo, photo_name="a\u202eb\x1b[2J.png"
        )
        report = await _resource(client, found["resources"]["report_html"])
        other = await _resource(client, hidden["resources"]["report_html"])
    assert r"a\u202eb\u001b[2J.png" in other
    assert found["photo"] == HOSTILE_NAME
    assert "<img src=x" not in report
    assert "&lt;img src=x onerror=alert(1)&gt;" in report
    assert hidden["photo"] == r"a\u202eb\u001b[2J.png"


@pytest.mark.parametrize(
    "uri",
    [
        "geoagent://cases/none/answer.json",
        "geoagent://cases/..%2F..%2Fhome/trace.jsonl",
        "geoagent://cases/%2Fetc%2Fpasswd/answer.json",
        "geoagent://cases/a/branches/..%2F..%2Fb/trace.jsonl",
        "file:///etc/passwd",
    ],
)
async def test_documents_that_are_not_there_are_refused(
    tmp_path: Path, photos: Path, uri: str
) -> None:
    async with Client(_server(tmp_path)) as client:
        with pytest.raises(MCPError) as caught:
            await client.read_resource(uri)
    assert "root:" not in str(caught.value)


async def test_a_cancelled_call_stops_the_work_and_frees_the_case(
    tmp_path: Path, photos: Path
) -> None:
    begun = asyncio.Event()

    class Stuck(ScriptedPolicy):
        async def propose(self, situation: Any) -> Any:
            begun.set()
            await asyncio.sleep(3600)

    policy = Stuck.towards_lisbon()
    async with Client(_server(tmp_path, policy=policy), mode="legacy") as client:
        call = asyncio.create_task(client.call_tool("locate_photo", {"photo_path": "photo.png"}))
        await asyncio.wait_for(begun.wait(), 120)
        call.cancel()
        await asyncio.wait([call])
        store = store_in(tmp_path / "home")
        (entry,) = store.entries()
        for _ in range(200):
            if not store.is_held(entry.name):
                break
            await asyncio.sleep(0.02)
        assert not store.is_held(entry.name)
        assert [step.node for step in store.read(entry.name).steps] == ["observe"]


async def test_tools_open_once_for_calls_at_the_same_time(tmp_path: Path, photos: Path) -> None:
    opened: list[int] = []
    lock = threading.Lock()

    def open_tools() -> Toolbox:
        with lock:
            opened.append(1)
        return scripted_toolbox()

    settings = Settings(home=tmp_path / "home")
    server = make_server(Service(settings, AllowedFolders([photos]), open_tools))
    async with Client(server) as client:
        assert not opened
        results = await asyncio.gather(
            _done(client, "locate_photo", photo_path="photo.png"),
            _done(client, "locate_photo", photo_path="photo.png"),
            _done(client, "reverse_geocode", lat_deg=1, lon_deg=1),
        )
    assert opened == [1]
    assert results[0]["case"] != results[1]["case"]


async def test_a_defect_says_nothing_of_its_inside(tmp_path: Path, photos: Path) -> None:
    reader = FixedTextReader(error=RuntimeError("key=hunter2"))
    async with Client(_server(tmp_path, text_reader=reader)) as client:
        found = await _done(client, "locate_photo", photo_path="photo.png")
    assert any("a defect of the tool (RuntimeError)" in words for words in found["warnings"])
    trace = store_in(tmp_path / "home").trace_text(found["case"])
    assert "hunter2" not in json.dumps(found) + trace
