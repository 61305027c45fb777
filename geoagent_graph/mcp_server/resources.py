"""The documents of cases as resources: every format of the table that is text."""

import asyncio
import logging
from typing import TYPE_CHECKING

from mcp.server.mcpserver.exceptions import ResourceNotFoundError

from geoagent_graph.cases.custody import CaseDeed, is_repeated_view, record_deeds
from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.errors import GeoAgentError
from geoagent_graph.mcp_server.service import WAY
from geoagent_graph.render.formats.format import Content, Format
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.render.formats.table import formats_for

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

_log = logging.getLogger(__name__)


def add_resources(server: "MCPServer[object]", store: CaseStore) -> None:
    """Give the server the documents of every case and branch, and the list of cases."""

    @server.resource("geoagent://cases", name="cases", mime_type="application/json")
    async def cases() -> str:
        """Return every case with its branches and where they stand."""
        return await asyncio.to_thread(_case_list, store)

    for row in formats_for("case"):
        if not row.needs_browser:
            _add_document(server, store, row)


def _add_document(server: "MCPServer[object]", store: CaseStore, row: Format) -> None:
    name = row.document or f"answer{row.ending}"

    async def read(case: str, branch: str) -> Content:
        try:
            await asyncio.to_thread(store.require, case, branch)
            await _note_reading(store, case, branch, row)
            view = await asyncio.to_thread(store.read, case, branch)
            return await asyncio.to_thread(row.case_content, view)
        except GeoAgentError as error:
            raise ResourceNotFoundError(str(error)) from error

    async def read_main(case: str) -> Content:
        return await read(case, MAIN)

    for uri, function, kind in (
        (f"geoagent://cases/{{case}}/{name}", read_main, name),
        (f"geoagent://cases/{{case}}/branches/{{branch}}/{name}", read, f"branch {name}"),
    ):
        server.resource(uri, name=kind, description=row.description, mime_type=row.media_type)(
            function
        )


async def _note_reading(store: CaseStore, case: str, branch: str, row: Format) -> None:
    """Add to a trace that it was read, and sign it where it is the trace and there is a key.

    A case that cannot be written is read as it is.
    """
    try:
        signs = row.name == "jsonl" and await asyncio.to_thread(store.keys.own) is not None
        view = await asyncio.to_thread(store.read, case, branch)
        if not signs and is_repeated_view(view, store.person):
            return
        deed = CaseDeed("handed_on" if signs else "viewed", store.person, WAY, row.name)
        await record_deeds(store, case, branch, [deed], sign=signs)
    except GeoAgentError as error:
        _log.warning("%s/%s: who read it is not in its trace: %s", case, branch, error)


def _case_list(store: CaseStore) -> str:
    listed = [
        {
            "case": case.name,
            "problem": case.problem,
            "branches": [
                {"branch": branch.branch, "status": branch.status, "steps": branch.steps}
                for branch in case.branches
            ],
        }
        for case in store.summaries(sorted(store.names()))
    ]
    return json_text(listed, indent=2)
