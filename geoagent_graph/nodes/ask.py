"""ask: the run waits for a person, and does what the reply says."""

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from geoagent_graph.errors import InputError
from geoagent_graph.nodes.exclusions import exclude_place
from geoagent_graph.nodes.judge import settle
from geoagent_graph.nodes.person_clues import add_statement, clues_in
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.situation import tools_of
from geoagent_graph.questions import (
    Accept,
    HumanInput,
    Question,
    Reject,
    Reply,
    find_place,
    read_reply,
)
from geoagent_graph.state import AgentState, dump, load, require_current
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Hypothesis, Verdict


async def ask(state: AgentState, runtime: Runtime[Toolbox]) -> AgentState:
    """Return what a person's reply changes; a reply that does not fit is asked for again."""
    require_current(state)
    question = Question.model_validate(state["question"])
    reply = _wait_for_reply(question)
    tools = tools_of(runtime)
    recorder = Recorder("ask", question.level, tools.tool_seconds)
    update, said = await _carry_out_reply(reply, state, tools, recorder)
    update["question"] = None
    update["counted_from"] = len(state["steps"]) + 1
    update["human"] = [dump(said)]
    update["warnings"] = recorder.warnings
    detail = {"clues": clues_in(update)} if "clues" in update else {}
    update["steps"] = recorder.step(
        len(state["steps"]), f"a person {said.text}", reply=dump(reply), **detail
    )
    return update


def _wait_for_reply(question: Question) -> Reply:
    """Return the first reply that fits: interrupt() gives earlier ones again, in their order."""
    while True:
        raw = interrupt(dump(question))
        try:
            return read_reply(raw, question)
        except InputError as error:
            question = question.model_copy(update={"problem": str(error)})


async def _carry_out_reply(
    reply: Reply, state: AgentState, tools: Toolbox, recorder: Recorder
) -> tuple[AgentState, HumanInput]:
    candidates = list(load(Hypothesis, state["hypotheses"]))
    if isinstance(reply, Accept):
        return _accept_place(reply, state, candidates)
    if isinstance(reply, Reject):
        known = (*candidates, *load(Hypothesis, state["accepted"]))
        rejected = find_place(reply.place, known)
        text = f"rejects {rejected.place.name}: {reply.reason}"
        said = HumanInput(action="reject", text=text, place=rejected.place, reply=dump(reply))
        return exclude_place(state, rejected, reply.reason), said
    update = AgentState(verdict=dump(Verdict(decision="retry", reason="a person adds to it")))
    added, text = await add_statement(reply, state, tools, recorder)
    update |= added
    return update, HumanInput(action=reply.kind, text=text, reply=dump(reply))


def _accept_place(
    reply: Accept, state: AgentState, candidates: list[Hypothesis]
) -> tuple[AgentState, HumanInput]:
    if reply.place is None:
        verdict = Verdict.model_validate(state["verdict"])
        update = settle(verdict, state, candidates)
        named = next((c.place.name for c in candidates if c.place.id == verdict.place_id), "")
        text = f"agrees to {verdict.decision} {named}".rstrip()
        return update, HumanInput(action="accept", text=text, reply=dump(reply))
    place = find_place(reply.place, tuple(candidates)).place
    verdict = Verdict(decision="accept", place_id=place.id, reason="a person accepts it")
    update = settle(verdict, state, candidates)
    update["verdict"] = dump(verdict)
    said = HumanInput(action="accept", text=f"accepts {place.name}", place=place, reply=dump(reply))
    return update, said
