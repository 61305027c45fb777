"""The documents of cases as resources: answer, map, report and trace."""

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from mcp.server.mcpserver.exceptions import ResourceNotFoundError

from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.errors import GeoAgentError, PhotoError
from geoagent_graph.render.formats.geojson import feature_collection
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.render.html.case_report import answer_in, report_html
from geoagent_graph.render.html.photo_data import MAX_SIDE, jpeg_data_uri

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

Document = Callable[[CaseStore, str, str], str]


def add_resources(server: "MCPServer[object]", store: CaseStore) -> None:
    """Give the server the documents of every case and branch, and the list of cases."""

    @server.resource("geoagent://cases", name="cases", mime_type="application/json")
    async def cases() -> str:
        """Return every case with its branches and where they stand."""
        return await asyncio.to_thread(_case_list, store)

    documents: tuple[tuple[str, str, str, Document], ...] = (
        ("answer.json", "application/json", "The whole answer with every step", _answer_json),
        (
            "answer.geojson",
            "application/geo+json",
            "Point, 90 % circle and candidates",
            _answer_geojson,
        ),
        ("report.html", "text/html", "The report, one file that loads nothing", _report_html),
        ("trace.jsonl", "application/jsonl", "The hash-chained trace", CaseStore.trace_text),
    )
    for name, mime_type, description, document in documents:
        _add_document(server, store, name, mime_type, description, document)


def _add_document(
    server: "MCPServer[object]",
    store: CaseStore,
    name: str,
    mime_type: str,
    description: str,
    document: Document,
) -> None:
    async def read(case: str, branch: str) -> str:
        try:
            return await asyncio.to_thread(document, store, case, branch)
        except GeoAgentError as error:
            raise ResourceNotFoundError(str(error)) from error

    async def read_main(case: str) -> str:
        return await read(case, MAIN)

    for uri, function, kind in (
        (f"geoagent://cases/{{case}}/{name}", read_main, name),
        (f"geoagent://cases/{{case}}/branches/{{branch}}/{name}", read, f"branch {name}"),
    ):
        server.resource(uri, name=kind, description=description, mime_type=mime_type)(function)


def _case_list(store: CaseStore) -> str:
    listed = [
        {
            "case": entry.name,
            "problem": entry.problem,
            "branches": [
                {"branch": view.opened.branch, "status": view.status, "steps": len(view.steps)}
                for view in entry.branches
            ],
        }
        for entry in store.entries()
    ]
    return json_text(listed, indent=2)


def _answer_json(store: CaseStore, case: str, branch: str) -> str:
    return json_text(answer_in(store.read(case, branch)).model_dump(mode="json"))


def _answer_geojson(store: CaseStore, case: str, branch: str) -> str:
    collection = feature_collection([answer_in(store.read(case, branch))])
    return json.dumps(collection, ensure_ascii=False, allow_nan=False)


def _report_html(store: CaseStore, case: str, branch: str) -> str:
    view = store.read(case, branch)
    try:
        photo = jpeg_data_uri(store.images.pixels(view.opened.image, MAX_SIDE))
    except PhotoError:  # gone or changed: the report goes without the picture
        photo = None
    return report_html(view, photo)
