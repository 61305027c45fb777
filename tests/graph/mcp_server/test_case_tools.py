"""Other agents have the whole desk: they branch, note, find, file and delete with care."""

from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import TextContent

from geoagent_graph.images.allowed import AllowedFolders
from geoagent_graph.mcp_server.server import OneLineServer, make_server
from geoagent_graph.mcp_server.service import Service
from geoagent_graph.settings import Settings
from tests.support.cases import begin, store_in, tools


@pytest.fixture
async def server(tmp_path: Path) -> OneLineServer:
    """Return a server with an answered case, "one"."""
    await begin(tmp_path)
    settings = Settings(home=tmp_path, person="agent of Ana")
    return make_server(Service(settings, AllowedFolders([tmp_path]), tools()))


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result
    return result.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def test_a_case_is_branched_noted_filed_and_found(
    server: OneLineServer, tmp_path: Path
) -> None:
    async with Client(server) as client:
        made = await call(client, "fork_case", case="one", at_step=3, name="two")
        assert (made["branch"], made["status"]) == ("two", "unfinished")
        told: list[tuple[float, float | None]] = []

        async def tell(progress: float, total: float | None, message: str | None) -> None:
            told.append((progress, total))

        arguments = {"case": "one/two", "to_the_end": True}
        await client.call_tool("investigate_step", arguments, progress_callback=tell)
        assert told[-1][0] == told[-1][1]
        assert [done for done, _ in told] == sorted({done for done, _ in told})
        await call(client, "add_note", case="one", text="seen at the harbour")
        filed = await call(client, "file_case", case="one", new_name="port", add_tags=["desk 3"])
        assert filed == {"case": "port", "tags": ["desk 3"], "archived": False}
        found = await call(client, "find_cases", words="harbour lisbon")
        assert [(row["case"], row["branches"]) for row in found["cases"]] == [
            ("port", ["main", "two"])
        ]
        assert (await call(client, "find_cases", tags=["x"]))["total"] == 0
        assert "no such case" in await refusal(client, "file_case", case="one", archived=True)
    notes = [e.person for e in store_in(tmp_path).read("port").events if e.event == "note"]
    assert notes == ["agent of Ana"]


async def test_a_deletion_wants_the_name_again(server: OneLineServer, tmp_path: Path) -> None:
    async with Client(server) as client:
        said = await refusal(client, "delete_case", case="one", confirm="yes")
        assert "once a person has agreed" in said
        assert store_in(tmp_path).has("one")
        assert "photos removed: 1" in str(
            await call(client, "delete_case", case="one", confirm="one")
        )
    assert not store_in(tmp_path).has("one")


async def test_names_become_positions_and_prompts_are_offered(server: OneLineServer) -> None:
    async with Client(server) as client:
        found = await call(client, "geocode", name="Lisbon")
        assert {"name", "lat_deg", "lon_deg", "country_code"} <= set(found["places"][0])
        prompts = {prompt.name for prompt in (await client.list_prompts()).prompts}
        assert prompts == {"locate", "review", "hand_on"}
        got = await client.get_prompt("review", {"case": "one"})
        (message,) = got.messages
        assert isinstance(message.content, TextContent)
        assert "geoagent://cases/one/answer.json" in message.content.text


async def test_a_trace_that_another_agent_reads_is_signed_where_there_is_a_key(
    server: OneLineServer, tmp_path: Path
) -> None:
    store = store_in(tmp_path)
    store.keys.create("Ana")
    async with Client(server) as client:
        (content,) = (await client.read_resource("geoagent://cases/one/trace.jsonl")).contents
    kinds = [event.event for event in store.read("one").events]
    assert kinds[-2:] == ["custody", "signature"]
    assert getattr(content, "text", "") == store.trace_text("one")
