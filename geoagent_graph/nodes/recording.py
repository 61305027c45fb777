"""Records of what a node did: its tool calls, those of its policy, and its step."""

import contextlib
import hashlib
import logging
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from langgraph.config import get_stream_writer
from pydantic_core import to_json

from geoagent_graph.call_log import open_call_log, open_notes
from geoagent_graph.call_threads import run_tool
from geoagent_graph.errors import GeoAgentError, ToolError
from geoagent_graph.settings import DEFAULT_TOOL_SECONDS
from geoagent_graph.state import dump
from geoagent_graph.types import Json, Level, Step, ToolCall

_log = logging.getLogger(__name__)
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

        A `ToolError`, also that of a tool that took more CPU time than it may, and whatever else a
        tool raises, becomes a recorded call with its error and a warning in the answer. Errors of
        ours that only a person can mend, as a photo that is gone, end the run.
        """
        began = time.perf_counter()
        try:
            result = await run_tool(tool, self._tool_seconds, function, *args, **kwargs)
            digest = "sha256:" + hashlib.sha256(to_json(result)).hexdigest()
            said = describe(result)
        except ToolError as error:
            self._record_call(tool, arguments, "failed", began, error=str(error))
            self.warnings.append(f"{tool} failed, the answer goes without it: {error}")
            return None
        except GeoAgentError:
            raise
        except Exception as error:  # noqa: BLE001  whoever wrote the tool: the run goes on
            _log.exception("the tool %s raised what no tool should", tool)
            # its text may hold what no report should: a key, a path
            said = f"a defect of the tool ({type(error).__name__}); the log has more"
            self._record_call(tool, arguments, "failed", began, error=said)
            self.warnings.append(f"{tool} failed, the answer goes without it: {said}")
            return None
        self._record_call(tool, arguments, said, began, result_sha256=digest)
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
        tell_progress(step)
        return [dump(step)]


def tell_progress(step: Step) -> None:
    """Write a step to the stream mode `custom` of whoever runs the graph, also from a subgraph."""
    with contextlib.suppress(RuntimeError, KeyError):  # a node that is called by itself
        writer = get_stream_writer()
        writer({"geoagent": step.model_dump(mode="json", exclude={"tools", "detail"})})
