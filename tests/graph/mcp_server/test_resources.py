"""The documents of cases as resources: every text format, its own types, and refusals in words."""

import json
from pathlib import Path
from typing import Any

import pytest
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError

from geoagent_graph.mcp_server.resources import add_resources
from tests.support.cases import begin, store_in


def server_of(folder: Path) -> MCPServer[object]:
    server: MCPServer[object] = MCPServer("test")
    add_resources(server, store_in(folder))
    return server


async def text_of(server: MCPServer[object], uri: str) -> str:
    contents: Any = await server.read_resource(uri)
    return "".join(str(content.content) for content in contents)


async def test_every_format_that_is_text_is_there_and_no_pdf(tmp_path: Path) -> None:
    templates = await server_of(tmp_path).list_resource_templates()
    kinds = {template.uri_template.rpartition("/")[2]: template.mime_type for template in templates}
    assert kinds["report.html"] == "text/html"
    assert kinds["answer.geojson"] == "application/geo+json"
    assert kinds["trace.jsonl"] == "application/x-ndjson"
    assert not any(name.endswith(".pdf") for name in kinds)
    assert len(templates) == 2 * len(kinds)


async def test_cases_are_listed_with_their_branches(tmp_path: Path) -> None:
    assert json.loads(await text_of(server_of(tmp_path), "geoagent://cases")) == []
    await begin(tmp_path)
    (listed,) = json.loads(await text_of(server_of(tmp_path), "geoagent://cases"))
    assert (listed["case"], listed["problem"]) == ("one", None)
    assert listed["branches"] == [{"branch": "main", "status": "answered", "steps": 14}]


async def test_a_document_is_that_of_its_branch(tmp_path: Path) -> None:
    await begin(tmp_path)
    server = server_of(tmp_path)
    trace = await text_of(server, "geoagent://cases/one/trace.jsonl")
    assert trace == store_in(tmp_path).trace_text("one", "main")
    assert await text_of(server, "geoagent://cases/one/branches/main/trace.jsonl") == trace


@pytest.mark.parametrize(
    ("case", "words"), [("none", "no such case"), ("open", "has no answer yet")]
)
async def test_what_is_not_there_yet_is_said(tmp_path: Path, case: str, words: str) -> None:
    await begin(tmp_path, "open", ask="always")
    with pytest.raises(ResourceNotFoundError, match=words):
        await text_of(server_of(tmp_path), f"geoagent://cases/{case}/answer.json")
