"""The state machine, from a photo to a traced answer.

    observe -> propose -> retrieve -> ground -> score (one task per candidate) -> judge
                  ^                                                                |
                  +---- accept (next level) | retry (same level) | back (one up) --+-- answer
                                                                                 (ask)

`observe` reads the photo once. Each pass through `propose` ... `judge` divides the last accepted
place further: the world into continents, a continent into countries, a country into towns. `judge`
says `accept`, `retry`, `back` or `stop`; the step budget bounds the passes; `answer` stands for the
deepest place that is more likely right than wrong. With `RunOptions.ask`, `ask` interrupts the run
after a verdict and waits for a person's reply.

With a checkpointer a thread can be asked about one photo after the other: every input is a new run,
which knows nothing of the run before; `None` and `Command(resume=...)` go on with that one.
"""

import functools
from typing import TYPE_CHECKING, Any

from langgraph.graph import END, START, StateGraph

from geoagent_graph.nodes.answer import answer
from geoagent_graph.nodes.ask import ask
from geoagent_graph.nodes.ground import fan_out, ground, score
from geoagent_graph.nodes.judge import judge, route
from geoagent_graph.nodes.observe import observe
from geoagent_graph.nodes.propose import propose
from geoagent_graph.nodes.retrieve import retrieve
from geoagent_graph.state import AgentInput, AgentOutput, AgentState, ScoreTask
from geoagent_graph.threads import AgentGraph, compile_agent
from geoagent_graph.toolbox import Toolbox

if TYPE_CHECKING:
    from langgraph.types import Checkpointer

__all__ = ["AgentGraph", "build_graph"]


def build_graph(checkpointer: "Checkpointer" = None) -> AgentGraph:
    """Return the compiled agent: `AgentInput` in, `AgentOutput` out, a `Toolbox` as context.

    Args:
        checkpointer: any LangGraph checkpointer; None keeps nothing, True inherits the one of the
            graph this one is a node of.
    """
    return _compiled_graph().copy({"checkpointer": checkpointer})


@functools.cache
def _compiled_graph() -> AgentGraph:
    """Return the graph without a checkpointer: compiled once, for it takes longer than a run."""
    graph: StateGraph[AgentState, Toolbox, Any, AgentOutput] = StateGraph(
        AgentState, context_schema=Toolbox, input_schema=AgentInput, output_schema=AgentOutput
    )
    graph.add_node("observe", observe)
    graph.add_node("propose", propose)
    graph.add_node("retrieve", retrieve)
    graph.add_node("ground", ground)
    graph.add_node("score", score, input_schema=ScoreTask)
    graph.add_node("judge", judge)
    graph.add_node("ask", ask)
    graph.add_node("answer", answer)
    graph.add_edge(START, "observe")
    graph.add_edge("observe", "propose")
    graph.add_edge("propose", "retrieve")
    graph.add_edge("retrieve", "ground")
    graph.add_conditional_edges("ground", fan_out, ["score", "judge"])
    graph.add_edge("score", "judge")
    graph.add_conditional_edges("judge", route)
    graph.add_conditional_edges("ask", route, ["propose", "answer"])
    graph.add_edge("answer", END)
    return compile_agent(graph)
