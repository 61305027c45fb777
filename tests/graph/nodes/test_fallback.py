"""Since when a fallback decides is a fact of the state, also in runs of an earlier version."""

from typing import Any

import pytest

from geoagent_graph.errors import CheckpointError, PolicyError
from geoagent_graph.graph import build_graph
from geoagent_graph.nodes.fallback import fallback_since, policy_label
from geoagent_graph.state import AgentInput, AgentState, FallbackSince, dump, require_current
from geoagent_graph.testing import ScriptedPolicy, scripted_toolbox


class Failing(ScriptedPolicy):
    """Fails when it is asked to judge a country."""

    async def judge(self, situation: Any, candidates: Any) -> Any:
        if situation.level == "country":
            raise PolicyError("gone")
        return await super().judge(situation, candidates)


async def _end_of_run() -> dict[str, Any]:
    from langgraph.checkpoint.memory import InMemorySaver

    toolbox = scripted_toolbox(
        policy=Failing.towards_lisbon(name="failing"), fallback=ScriptedPolicy.towards_lisbon()
    )
    graph = build_graph(InMemorySaver())
    config: Any = {"configurable": {"thread_id": "one"}, "recursion_limit": 200}
    image = dump(toolbox.images.open(b"photo").image)
    await graph.ainvoke(AgentInput(image=image), config, context=toolbox)
    return dict((await graph.aget_state(config)).values)


async def test_the_state_says_since_when_the_fallback_decides() -> None:
    state = await _end_of_run()
    failed = next(
        step for step in state["steps"] if any(c["tool"] == "policy" for c in step["tools"])
    )
    since = FallbackSince(step=failed["index"], policy="failing", fallback="scripted")
    assert state["fallback_since"] == dump(since)
    assert state["answer"]["policy"] == "scripted (without failing)"


async def test_a_run_of_graph_version_2_is_read_from_its_steps() -> None:
    state = await _end_of_run()
    told = state.pop("fallback_since")
    older: AgentState = {**state, "graph_version": 2}  # type: ignore[typeddict-item]
    require_current(older)
    found = fallback_since(older)
    assert found is not None
    assert dump(found) == told
    assert policy_label(scripted_toolbox(), older) == "scripted (without failing)"


@pytest.mark.parametrize("version", [1, 4, "3", None])
def test_other_versions_are_refused(version: object) -> None:
    with pytest.raises(CheckpointError, match="this is version 3"):
        require_current({"graph_version": version})  # type: ignore[typeddict-item]
