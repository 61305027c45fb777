"""`geoagent mcp`: the agent as tools for other agents, over stdin and stdout."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.cases.open_cases import settings_in, tools_for
from geoagent_graph.errors import InputError
from geoagent_graph.installation import extra_command
from geoagent_graph.render.terminal.live import PlainReporter

if TYPE_CHECKING:
    from geoagent_graph.mcp_server.service import Service
    from geoagent_graph.policies.options import PolicyOptions


def run(roots: Sequence[Path], options: "PolicyOptions", home: Path | None) -> int:
    """Serve until stdin ends and return the exit status.

    Raises:
        InputError: the extra `mcp` is missing, or a folder or the policy does not exist.
    """
    try:
        from geoagent_graph.mcp_server.server import make_server
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise InputError(f"mcp: is not installed. Run: {extra_command('mcp')}") from error
    service = _make_service(roots, options, home)

    async def run_server() -> None:
        try:
            await make_server(service).run_stdio_async()
        finally:
            await service.aclose()

    # The SDK reads stdin in a thread that no exception reaches; cases outlive a kill.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    asyncio.run(run_server())
    return exit_codes.ANSWERED


def _make_service(roots: Sequence[Path], options: "PolicyOptions", home: Path | None) -> "Service":
    """Return what the tools work with; it opens when it is first needed."""
    from geoagent_graph.images.allowed import AllowedFolders
    from geoagent_graph.mcp_server.service import Service
    from geoagent_graph.policies.open_policy import require_policy
    from geoagent_graph.telemetry.open_tracing import open_tracing

    settings = settings_in(home)
    require_policy(options.policy)  # a policy that is none is said at once
    folders = AllowedFolders(list(roots) or [Path()])
    kept = options.request()
    progress = PlainReporter(photos=0).progress  # on stderr
    tools = tools_for(settings, kept, progress, engines_apart=True)
    return Service(settings, folders, tools, kept, open_tracing(settings))
