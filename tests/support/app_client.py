"""A client of the server's application in this process, with no socket and no thread of ours."""

from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from geoagent_graph.serve.app import create_app
from geoagent_graph.serve.basemap import Basemap
from geoagent_graph.serve.limits import Address, Limits
from geoagent_graph.testing import ScriptedPolicy, scripted_toolbox
from tests.support.cases import store_in


def app_client(
    folder: Path,
    *,
    address: Address | None = None,
    limits: Limits | None = None,
    basemap: Basemap | None = None,
    **parts: Any,
) -> TestClient:
    """Return a client of the cases of a folder; `parts` replace parts of its scripted tools."""
    tools = scripted_toolbox(**{"policy": ScriptedPolicy.towards_lisbon(), **parts})
    app = create_app(
        store_in(folder),
        tools,
        limits=limits,
        address=address,
        basemap=basemap,
        request={"index": "/home/anna/photos/index"},
    )
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
