"""Progress of a call as a client shows it: it only grows, and ends at its total."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from mcp.server.mcpserver import Context

from geoagent_graph.mcp_server.results import step_line
from geoagent_graph.mcp_server.service import OnStep
from geoagent_graph.types import Step


@contextlib.asynccontextmanager
async def report_steps(ctx: Context[Any, Any], budget: int) -> AsyncIterator[OnStep]:
    """Yield what is told of every step; when the work has succeeded, all of it is done.

    A call may end long before the budget is used up, and a case that was steered beyond it.
    """
    done = 0

    async def report(step: Step) -> None:
        nonlocal done
        done += 1
        await ctx.report_progress(done, max(budget, done + 1), step_line(step))

    yield report
    total = max(budget, done + 1)
    await ctx.report_progress(total, total, "done")
