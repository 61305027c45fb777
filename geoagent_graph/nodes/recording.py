"""Records of what a node did: its tool calls, those of its policy, and its step."""

import hashlib
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from pydantic_core import to_json

from geoagent_graph.call_log import open_call_log, open_notes
from geoagent_graph.call_threads import run_tool
from geoagent_graph.errors import ToolError
from geoagent_graph.settings import DEFAULT_TOOL_SECONDS
from geoagent_graph.state import dump
from geoagent_graph.types import Json, Level, Step, ToolCall

P = ParamSpec("P")
T = TypeVar("T")


class Recorder:
    """Times one node and its tool calls; a failed tool is recorded, not hidden."""

    def __init__(
        self, node: str, level: Level | None, tool_seconds: float = DEFAULT_TOOL_SECONDS
    ) -> None:
        self._node = node
        self._level = level
        self._tool_seconds = tool_seconds
        self._began = time.perf_counter()
        self._calls = open_call_log()
        self.warnings: list[str] = open_notes()

    async def call(
        self,
        tool: str,
        arguments: dict[str, Any],
        describe: Callable[[T], str],
        function: Callable[P, T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T | None:
        """Return what a tool returned, run in a thread of its own, or None when it failed.

        A `ToolError`, also that of a tool that took more CPU time than it may, becomes a recorded
        call with its error and a warning in the answer; any other exception is a defect and ends
        the run.
        """
        began = time.perf_counter()
        try:
            result = await run_tool(tool, self._tool_seconds, function, *args, **kwargs)
        except ToolError as error:
            self._record_call(tool, arguments, "failed", began, error=str(error))
            self.warnings.append(f"{tool} failed, the answer goes without it: {error}")
            return None
        digest = "sha256:" + hashlib.sha256(to_json(result)).hexdigest()
        self._record_call(tool, arguments, describe(result), began, result_sha256=digest)
        return result

    def _record_call(
        self, tool: str, arguments: dict[str, Any], result: str, began: float, **more: str
    ) -> None:
        seconds = time.perf_counter() - began
        self.add(ToolCall(tool=tool, arguments=arguments, result=result, seconds=seconds, **more))

    def add(self, call: ToolCall) -> None:
        """Add a call that was made elsewhere."""
        self._calls.append(call)

    @property
    def where(self) -> str:
        """The node and its level, as people read it."""
        return f"{self._node} {self._level}" if self._level else self._node

    def step(self, index: int, summary: str, **detail: Any) -> list[Json]:
        """Return the finished step as the state's `steps` update."""
        step = Step(
            index=index,
            node=self._node,
            level=self._level,
            summary=summary,
            seconds=time.perf_counter() - self._began,
            tools=tuple(self._calls),
            detail=detail,
        )
        return [dump(step)]
