"""`geoagent mcp`: the agent as tools for other agents, over stdin and stdout."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.cases.runs import settings_in, tools_for
from geoagent_graph.cli.engine import RunRequest, policy_choice
from geoagent_graph.errors import InputError
from geoagent_graph.render.terminal.live import PlainReporter

if TYPE_CHECKING:
    from geoagent_graph.mcp_server.service import Service


def run(roots: Sequence[Path], request: RunRequest, home: Path | None) -> int:
    """Serve until stdin ends and return the exit status.

    Raises:
        InputError: the extra `mcp` is missing, or a folder or the policy does not exist.
    """
    try:
        from geoagent_graph.mcp_server.server import make_server
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise InputError("mcp: is not installed. Run: pip install 'geoagent-graph[mcp]'") from error
    service = _service(roots, request, home)

    async def served() -> None:
        try:
            await make_server(service).run_stdio_async()
        finally:
            await service.aclose()

    # The SDK reads stdin in a thread that no exception reaches; cases outlive a kill.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    asyncio.run(served())
    return exit_codes.ANSWERED


def _service(roots: Sequence[Path], request: RunRequest, home: Path | None) -> "Service":
    """Return what the tools work with; it opens when it is first needed."""
    from geoagent_graph.images.allowed import AllowedFolders
    from geoagent_graph.mcp_server.service import Service

    settings = settings_in(home)
    policy_choice(request, settings)  # a policy that is none is said at once
    folders = AllowedFolders(list(roots) or [Path()])
    kept = {
        "policy": request.policy,
        "base_url": request.base_url,
        "model": request.model,
        "vision": request.vision,
        "index": str(request.index.absolute()) if request.index else None,
    }
    progress = PlainReporter(photos=0).progress  # on stderr
    return Service(settings, folders, tools_for(settings, kept, progress), kept)
