"""Who decides: the policy, or its fallback from the step on where the policy failed for good."""

import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from geoagent_graph.errors import PolicyError
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.protocols import Policy
from geoagent_graph.state import AgentState, FallbackSince
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import ToolCall

ResultT = TypeVar("ResultT")
_FAILED_POLICY: Final = "policy"
"""Name of the recorded call that a fallback took the place of."""


async def ask_policy(
    question: Callable[[Policy], Awaitable[ResultT]],
    tools: Toolbox,
    recorder: Recorder,
    state: AgentState,
) -> tuple[ResultT, FallbackSince | None]:
    """Return what the policy says, or its fallback where the policy has failed in this run.

    The second value is since when the fallback decides, for the state; None while the policy does.
    The failure is recorded in the step and becomes a warning in the answer.

    Raises:
        PolicyError: the policy failed and there is no fallback, or that failed too.
    """
    since = fallback_since(state)
    fallback = tools.fallback
    if fallback is None:
        if since is not None:
            raise PolicyError(
                "this run went on without its policy: it needs a fallback in its toolbox"
            )
        return await question(tools.policy), None
    if since is not None:
        return await question(fallback), since
    began = time.perf_counter()
    try:
        return await question(tools.policy), None
    except PolicyError as error:
        _record_failure(error, tools.policy, fallback, recorder, time.perf_counter() - began)
    since = FallbackSince(
        step=len(state.get("steps", [])), policy=tools.policy.name, fallback=fallback.name
    )
    return await question(fallback), since


def fallback_since(state: AgentState) -> FallbackSince | None:
    """Return since when a fallback decides in the run; None while its policy does."""
    if "fallback_since" in state:
        known = state["fallback_since"]
        return FallbackSince.model_validate(known) if known else None
    return _fallback_in_steps(state)


def policy_label(tools: Toolbox, state: AgentState) -> str:
    """Return the policy's name, or which policy decided in place of which."""
    since = fallback_since(state)
    return tools.policy.name if since is None else f"{since.fallback} (without {since.policy})"


def _fallback_in_steps(state: AgentState) -> FallbackSince | None:
    """Return the same from the recorded steps, for runs of graph version 2."""
    for step in state.get("steps", []):
        for call in step["tools"]:
            if call["tool"] == _FAILED_POLICY and call["error"]:
                named = call["arguments"]
                return FallbackSince(
                    step=step["index"], policy=named["policy"], fallback=named["stand_in"]
                )
    return None


def _record_failure(
    error: PolicyError, policy: Policy, fallback: Policy, recorder: Recorder, seconds: float
) -> None:
    recorder.add(
        ToolCall(
            tool=_FAILED_POLICY,
            arguments={"policy": policy.name, "stand_in": fallback.name},  # trace format
            result="failed",
            seconds=seconds,
            error=str(error),
        )
    )
    named = f"{policy.name} ({policy.model})" if policy.model else policy.name
    recorder.warnings.append(
        f"from {recorder.where} on {fallback.name} decided without the policy {named}: {error}"
    )
