"""A policy that somebody else wrote sees the pixels of the photo wherever the graph runs."""

from pathlib import Path

import pytest
from mcp import Client

from geoagent_graph import locate, open_toolbox
from geoagent_graph.errors import InputError
from geoagent_graph.images.allowed import AllowedFolders
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.mcp_server.server import make_server
from geoagent_graph.mcp_server.service import Service
from geoagent_graph.settings import Settings, load_settings
from geoagent_graph.testing import FixedGeocoder, scripted_toolbox
from geoagent_graph.toolbox import Toolbox
from tests.support.cases import begin, go_on, photo_bytes, store_in
from tests.support.outside_policy import BrightPolicy
from tests.support.serving import serving

DARK = (20, 20, 20)


def _toolbox() -> Toolbox:
    """Return tools that keep photos in memory, as in an application."""
    images = PhotoStore(load_settings())
    return scripted_toolbox(policy=BrightPolicy(FixedGeocoder()), images=images)


async def test_in_the_library() -> None:
    for colour, place in ((DARK, "Europe"), ((250, 250, 250), "Africa")):
        toolbox = _toolbox()
        answer = await locate(photo_bytes(colour), toolbox=toolbox)
        assert answer.place.continent == place
        assert answer.clues[0].text == f"brightness {colour[0]}"
        assert isinstance(toolbox.policy, BrightPolicy)
        assert set(toolbox.policy.asked) == {(48, 64, 3)}


async def test_in_a_case_that_is_stopped_and_resumed(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    async with store.create(photo_bytes(DARK), _toolbox, name="one") as case:
        async for _ in case.run(one_step=True):
            pass
    await go_on(tmp_path, opened=_toolbox)  # other tools: the photo is only on disk by now
    answer = store_in(tmp_path).read("one").answer
    assert answer is not None
    assert answer.place.continent == "Europe"


async def test_in_a_case_after_a_reply(tmp_path: Path) -> None:
    await begin(tmp_path, opened=_toolbox, ask="always")
    await go_on(tmp_path, opened=_toolbox, reply={"kind": "clue", "text": "Rua das Flores"})
    drafted = store_in(tmp_path).read("one").steps[-1]
    assert drafted.node == "judge"


def test_on_the_server(tmp_path: Path) -> None:
    toolbox = _toolbox()
    with serving(tmp_path, policy=toolbox.policy, images=toolbox.images) as live:
        name = live.begin()
        assert live.case(name)["answer"]["place"]["continent"] == "Europe"


async def test_in_mcp(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(photo_bytes(DARK))
    settings = Settings(home=tmp_path / "home")
    service = Service(settings, AllowedFolders([tmp_path]), _toolbox)
    async with Client(make_server(service)) as client:
        result = await client.call_tool("locate_photo", {"photo_path": "photo.png"})
    assert not result.is_error, result.content
    assert result.structured_content["claim"]["place"]["continent"] == "Europe"


def test_a_policy_that_lacks_something_is_told_in_one_sentence() -> None:
    class Half:
        name = "half"
        model = None

        async def propose(self, situation: object) -> list[object]:
            return []

    with pytest.raises(InputError, match=r"the policy Half has no identity, draft, judge, aclose"):
        scripted_toolbox(policy=Half())


async def test_a_policy_of_your_own_over_the_real_tools(tmp_path: Path) -> None:
    settings = load_settings()
    geocoder = open_toolbox(settings).geocoder
    toolbox = open_toolbox(settings, policy=BrightPolicy(geocoder), geocoder=geocoder)
    assert (await locate(photo_bytes(DARK), toolbox=toolbox)).place.continent == "Europe"
