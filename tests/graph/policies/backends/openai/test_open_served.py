"""Connections that a policy opened are closed; nothing is left for the garbage collector."""

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.importorskip("openai")

from PIL import Image

from geoagent_graph import locate, locate_sync
from geoagent_graph.policies.backends.openai.client import ServerOptions
from geoagent_graph.policies.backends.openai.open_served import open_served_policy
from geoagent_graph.policies.model.open_model import PolicyTools
from geoagent_graph.render.terminal.answer_text import answer_text
from geoagent_graph.settings import load_settings
from geoagent_graph.testing import MemoryImages, ScriptedPolicy, scripted_toolbox
from geoagent_graph.testing.mock_server import MODEL, MockServer, ScriptedModel
from geoagent_graph.toolbox import Toolbox

LISBON = ScriptedModel.towards("Europe", "Portugal", "Lisbon")


def _toolbox(base_url: str) -> Toolbox:
    from geoagent_graph.geo.geocoder import open_geocoder

    images, geocoder = MemoryImages(), open_geocoder(load_settings())
    server = ServerOptions(base_url=base_url, model=MODEL)
    policy = open_served_policy(server, PolicyTools(images=images, geocoder=geocoder))
    return scripted_toolbox(policy=policy, images=images, geocoder=geocoder)


@pytest.fixture
async def server() -> AsyncIterator[MockServer]:
    async with MockServer(LISBON) as server:
        yield server


async def test_a_closed_toolbox_holds_no_connection_and_can_be_used_again(
    server: MockServer,
) -> None:
    async with contextlib.aclosing(_toolbox(server.base_url)) as toolbox:
        assert (await locate(b"photo", toolbox=toolbox)).place.city == "Lisbon"
        assert len(server._tasks) > 0
    await asyncio.sleep(0.05)
    assert len(server._tasks) == 0
    assert (await locate(b"photo", toolbox=toolbox)).place.city == "Lisbon"
    await toolbox.aclose()


async def test_locate_sync_closes_what_it_opened(server: MockServer) -> None:
    toolbox = _toolbox(server.base_url)
    for _ in range(2):
        answer = await asyncio.to_thread(locate_sync, b"photo", toolbox=toolbox)
        assert answer.place.city == "Lisbon"
        await asyncio.sleep(0.05)
        assert len(server._tasks) == 0
    del toolbox
    gc.collect()  # an unclosed socket would be a warning, and warnings are errors here


async def test_policies_without_a_model_are_closed_too() -> None:
    await scripted_toolbox().aclose()
    assert ScriptedPolicy.towards_lisbon().model is None


@pytest.mark.parametrize("command", ["locate", "investigate"])
async def test_the_command_line_leaves_nothing_open(
    command: str, server: MockServer, tmp_path: Path
) -> None:
    photo = tmp_path / "grey.png"
    Image.new("RGB", (320, 240), "grey").save(photo)
    code = "import sys; from geoagent_graph.cli.app import main; main()"
    home = {"investigate": ["--home", str(tmp_path / "home")]}.get(command, [])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", code, command, photo,
        "--policy", "served", "--base-url", server.base_url, "--model", MODEL, "--json", *home,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "GEOAGENT_API_KEY": "sk-mine"},
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode in (0, 3), err.decode()
    assert b"mock-vl" in out
    assert {request.key for request in server.requests} == {"sk-mine"}
    assert b"sk-mine" not in out + err
    assert b"ResourceWarning" not in err
    assert b"Traceback" not in err


async def test_the_printed_answer_says_what_the_model_was_asked_for(server: MockServer) -> None:
    toolbox = _toolbox(server.base_url)
    answer = await locate(b"photo", toolbox=toolbox)
    await toolbox.aclose()
    assert "model       9 calls, 900 tokens in, 180 out, 9 pictures shown" in str(
        answer_text(answer)
    )
    assert "calls" not in str(answer_text(await locate(b"photo", toolbox=scripted_toolbox())))
