"""The tools for several photos, asked by the SDK's own client."""

from pathlib import Path
from typing import Any

from mcp import Client

from geoagent_graph.images.allowed import AllowedFolders
from geoagent_graph.mcp_server.server import make_server
from geoagent_graph.mcp_server.service import Service
from geoagent_graph.settings import Settings
from geoagent_graph.testing import ScriptedPolicy, scripted_toolbox
from geoagent_graph.toolbox import Toolbox
from tests.support.cases import photo_bytes
from tests.support.videos import write_video


def client_of(folder: Path) -> Client:
    """Return a client of a server with scripted tools that may read a folder."""

    def opened() -> Toolbox:
        return scripted_toolbox(policy=ScriptedPolicy.towards_lisbon())

    service = Service(Settings(home=folder / "home"), AllowedFolders([folder]), opened)
    return Client(make_server(service))


async def test_a_trip_is_told_by_its_joint_result(tmp_path: Path) -> None:
    for number, name in enumerate(("late.png", "early.png", "again.png")):
        (tmp_path / name).write_bytes(photo_bytes((min(number, 1), 2, 3)))
    paths = [str(tmp_path / name) for name in ("late.png", "early.png", "again.png", "none.png")]
    times = ["2024-05-01T12:00", "2024-05-01T10:00", "", ""]
    async with client_of(tmp_path) as client:
        made = await client.call_tool("locate_trip", {"photo_paths": paths, "times": times})
        assert not made.is_error, made
        trip: Any = made.structured_content
        assert "Lisbon" in trip["headline"]
        assert [photo["photo"] for photo in trip["photos"]] == ["early.png", "late.png"]
        assert trip["photos"][0]["lat_deg"] is not None
        assert len(trip["refused"]) == 2
        again: Any = await client.call_tool("read_trip", {"case": trip["case"]})
        assert again.structured_content["photos"] == trip["photos"]
        wrong = await client.call_tool("locate_trip", {"photo_paths": paths, "times": ["1:00"]})
        assert wrong.is_error
        alone: Any = await client.call_tool("locate_photo", {"photo_path": paths[0]})
        one = await client.call_tool("read_trip", {"case": alone.structured_content["case"]})
        assert one.is_error


async def test_a_video_is_a_trip(tmp_path: Path) -> None:
    write_video(tmp_path / "walk.mp4")
    async with client_of(tmp_path) as client:
        path = str(tmp_path / "walk.mp4")
        made: Any = await client.call_tool("locate_trip", {"photo_paths": [path]})
        names = [photo["photo"] for photo in made.structured_content["photos"]]
        assert [name.partition(" at ")[0] for name in names] == 3 * ["walk.mp4"]
