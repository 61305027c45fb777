"""`geoagent mcp`: the agent as tools for other agents, over stdin and stdout."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.case_runs import settings_in, tools_for
from geoagent_graph.cli.engine import RunRequest, policy_choice
from geoagent_graph.errors import InputError
from geoagent_graph.render.live import PlainReporter

if TYPE_CHECKING:
    from geoagent_graph.mcp_server.server import OneLineServer


def run(roots: Sequence[Path], request: RunRequest, home: Path | None) -> int:
    """Serve until stdin ends and return the exit status.

    Raises:
        InputError: the extra `mcp` is missing, or a folder or the policy does not exist.
    """
    server = open_server(roots, request, home)
    asyncio.run(server.run_stdio_async())
    return exit_codes.ANSWERED


def open_server(
    roots: Sequence[Path], request: RunRequest, home: Path | None = None
) -> "OneLineServer":
    """Return the server over the tools that were asked for; they open when first needed.

    Raises:
        InputError: the extra `mcp` is missing, or a folder or the policy does not exist.
    """
    try:
        from geoagent_graph.mcp_server.server import make_server
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise InputError("mcp: is not installed. Run: pip install 'geoagent-graph[mcp]'") from error
    from geoagent_graph.images.allowed import AllowedFolders
    from geoagent_graph.mcp_server.service import Service

    settings = settings_in(home)
    policy_choice(request, settings)
    folders = AllowedFolders(list(roots) or [Path()])
    index = str(request.index.absolute()) if request.index else None
    kept = {
        "policy": request.policy,
        "base_url": request.base_url,
        "model": request.model,
        "vision": request.vision,
        "index": index,
    }
    progress = PlainReporter(photos=0).progress  # on stderr
    return make_server(Service(settings, folders, tools_for(settings, kept, progress), kept))
