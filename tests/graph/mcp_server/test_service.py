"""The agent behind the tools of MCP: tools opened once, cases that go on, refusals in words."""

from pathlib import Path

import pytest

from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.images.allowed import AllowedFolders
from geoagent_graph.images.incoming import IncomingPhoto
from geoagent_graph.mcp_server.service import Service
from geoagent_graph.settings import Settings
from geoagent_graph.testing import ScriptedPolicy, scripted_toolbox
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Step
from tests.support.cases import photo_bytes


class Tools:
    """Opens scripted tools and counts how often."""

    opened = 0

    def __call__(self) -> Toolbox:
        """Return the tools."""
        self.opened += 1
        return scripted_toolbox(policy=ScriptedPolicy.towards_lisbon())


def service_in(folder: Path, tools: Tools) -> Service:
    photos = folder / "photos"
    photos.mkdir()
    (photos / "street.png").write_bytes(photo_bytes())
    return Service(Settings(home=folder / "home", budget=40), AllowedFolders([photos]), tools)


async def ignore(step: Step) -> None:
    assert step.node


async def test_tools_are_opened_once_and_only_when_needed(tmp_path: Path) -> None:
    tools = Tools()
    service = service_in(tmp_path, tools)
    await service.aclose()
    assert tools.opened == 0
    assert (await service.reverse(38.72, -9.14)).country_code == "PT"
    assert service.tools() is service.tools()
    assert tools.opened == 1


async def test_a_case_is_begun_by_one_step_and_goes_on_to_its_answer(tmp_path: Path) -> None:
    service = service_in(tmp_path, Tools())
    seen: list[str] = []

    async def note(step: Step) -> None:
        seen.append(step.node)

    photo = IncomingPhoto(path="street.png")
    begun = await service.begin(photo, service.options(), note, one_step=True)
    assert (begun.status, seen, begun.claim) == ("unfinished", ["observe"], None)
    assert begun.case.startswith("street-")
    done = await service.resume(begun.case, None, note, one_step=False)
    assert done.status == "answered"
    assert done.claim is not None
    assert done.steps_in_all == len(seen) == 1 + len(done.new_steps)


async def test_a_veto_excludes_a_place_and_runs_nothing(tmp_path: Path) -> None:
    service = service_in(tmp_path, Tools())
    photo = IncomingPhoto(path="street.png")
    done = await service.begin(photo, service.options(), ignore, one_step=False)
    steps = done.steps_in_all
    vetoed = await service.veto(done.case, "Europe", "the plants are tropical")
    assert (vetoed.status, vetoed.new_steps, vetoed.steps_in_all) == ("unfinished", (), steps)
    with pytest.raises(InputError, match="Atlantis"):
        await service.veto(done.case, "Atlantis", "it sank")


async def test_a_photo_outside_the_folders_leaves_no_case(tmp_path: Path) -> None:
    service = service_in(tmp_path, Tools())
    (tmp_path / "secret.png").write_bytes(photo_bytes())
    for path in ("../secret.png", str(tmp_path / "secret.png"), "missing.png"):
        with pytest.raises(PhotoError):
            await service.begin(IncomingPhoto(path), service.options(), ignore, one_step=True)
    assert list(service.store.names()) == []


async def test_without_an_index_alike_photos_say_how_to_start_with_one(tmp_path: Path) -> None:
    service = service_in(tmp_path, Tools())
    with pytest.raises(InputError, match="start the server with --index DIR"):
        await service.similar(IncomingPhoto(path="street.png"), 5, None)


def test_options_are_those_of_the_settings_unless_chosen(tmp_path: Path) -> None:
    service = service_in(tmp_path, Tools())
    assert service.options().budget == 40
    assert service.options(budget=12, ask="always").budget == 12
