"""Who decides: the policy, or its stand-in from the step on where the policy failed for good."""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

from geoagent_graph.errors import PolicyError
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.protocols import Policy
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Json, ToolCall

ResultT = TypeVar("ResultT")
_FAILED_POLICY: Final = "policy"
"""Name of the recorded call that a stand-in took the place of."""


async def decided(
    ask: Callable[[Policy], Awaitable[ResultT]],
    tools: Toolbox,
    recorder: Recorder,
    steps: Iterable[Json],
) -> ResultT:
    """Return what the policy says, or its stand-in where the policy has failed in this run.

    The failure is recorded in the step and becomes a warning in the answer.

    Args:
        ask: the question, to whichever policy it is.
        tools: the tools of the run, with the policy and its stand-in.
        recorder: the record of the step that runs.
        steps: the dumped steps of the run until now.

    Raises:
        PolicyError: the policy failed and there is no stand-in, or that failed too.
    """
    fallback = tools.fallback
    if fallback is None:
        if deciding_policy(tools, steps) != tools.policy.name:
            raise PolicyError(
                "this run went on without its policy: it needs a stand-in in its toolbox"
            )
        return await ask(tools.policy)
    if deciding_policy(tools, steps) != tools.policy.name:
        return await ask(fallback)
    began = time.perf_counter()
    try:
        return await ask(tools.policy)
    except PolicyError as error:
        recorder.add(
            ToolCall(
                tool=_FAILED_POLICY,
                arguments={"policy": tools.policy.name, "stand_in": fallback.name},
                result="failed",
                seconds=time.perf_counter() - began,
                error=str(error),
            )
        )
        recorder.warnings.append(
            f"from {recorder.where} on {fallback.name} decided without the policy "
            f"{_named(tools.policy)}: {error}"
        )
    return await ask(fallback)


def _named(policy: Policy) -> str:
    return f"{policy.name} ({policy.model})" if policy.model else policy.name


def deciding_policy(tools: Toolbox, steps: Iterable[Json]) -> str:
    """Return the policy's name, or which policy stands in for which."""
    for step in steps:
        for call in step["tools"]:
            if call["tool"] == _FAILED_POLICY and call["error"]:
                named = call["arguments"]
                return f"{named['stand_in']} (without {named['policy']})"
    return tools.policy.name
