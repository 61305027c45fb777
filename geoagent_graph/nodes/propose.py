"""propose: the places that come into question at the level, inside what is accepted."""

from langgraph.runtime import Runtime

from geoagent_graph.nodes.fallback import ask_policy
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.search_circle import keep_inside
from geoagent_graph.nodes.situation import situation_of, tools_of
from geoagent_graph.number_words import count
from geoagent_graph.state import AgentState, dump, require_current
from geoagent_graph.toolbox import Toolbox

MAX_CANDIDATES = 40


async def propose(state: AgentState, runtime: Runtime[Toolbox]) -> AgentState:
    """Return the ranked candidates of the level with their probabilities before the tools."""
    require_current(state)
    tools = tools_of(runtime)
    situation = situation_of(state, tools.images)
    recorder = Recorder("propose", situation.level)
    proposed, since = await ask_policy(
        lambda policy: policy.propose(situation), tools, recorder, state
    )
    hypotheses = await keep_inside(proposed[:MAX_CANDIDATES], state, situation.within, tools)
    dumped = [dump(hypothesis) for hypothesis in hypotheses]
    names = ", ".join(hypothesis.place.name for hypothesis in hypotheses[:5])
    where = situation.within.name if situation.within else "the world"
    more = f" and {len(hypotheses) - 5} more" if len(hypotheses) > 5 else ""
    return AgentState(
        hypotheses=dumped,
        round=state["round"] + 1,
        fallback_since=dump(since) if since else None,
        warnings=recorder.warnings,
        steps=recorder.step(
            len(state["steps"]),
            f"{count(len(hypotheses), 'candidate')} in {where}: {names}{more}",
            hypotheses=dumped,
        ),
    )
