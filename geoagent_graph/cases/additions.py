"""What a person adds to a case at any time, and takes back: the run judges everything again."""

from typing import TYPE_CHECKING, Any, cast

from geoagent_graph.cases.sun_check import read_measurable_statement
from geoagent_graph.errors import InputError
from geoagent_graph.nodes.person_clues import add_statement, clues_in
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.start_over import start_over
from geoagent_graph.questions import HumanInput, positions_in_force
from geoagent_graph.state import AgentState, dump, load
from geoagent_graph.types import Clue, Json

if TYPE_CHECKING:
    from geoagent_graph.cases.case import Case
    from geoagent_graph.cases.events import TraceEvent

STEP_NODE = "person"


async def add_to_case(case: "Case", statement: object) -> "list[TraceEvent]":
    """Add what a person says to a branch and go back to the first level; `run` goes on from there.

    Args:
        case: also one that has its answer.
        statement: as JSON; see `questions.Statement`.

    Raises:
        InputError: it is of no known form, says nothing that is known, or nothing has run yet.
    """
    state = case.state_with_steps()
    said = read_measurable_statement(statement, state)
    tools = await case.tools()
    recorder = Recorder(STEP_NODE, None, tools.tool_seconds)
    added, text = await add_statement(said, state, tools, recorder)
    known, after = list(load(Clue, state["clues"])), _clues_after(state, added)
    update = start_over(state, after, [*await _first_warnings(case), *recorder.warnings])
    for key in ("region", "fallback_since"):
        if key in added:
            update[key] = added[key]
    human = HumanInput(action=said.kind, text=text, reply=dump(said))
    update["human"] = [dump(human)]
    update["steps"] = recorder.step(
        len(state["steps"]), f"a person {text}", reply=dump(said), **_change(known, after)
    )
    return await case.apply_update(update)


async def undo_last(case: "Case") -> "list[TraceEvent]":
    """Take back the last thing that a person did to a branch; `run` judges it again without that.

    It stays in the trace, with the taking back after it. Notes are not taken back.

    Raises:
        InputError: nobody has done anything that still counts.
    """
    state = case.state_with_steps()
    acts = load(HumanInput, state.get("human", []))
    in_force = positions_in_force(acts)
    if not in_force:
        raise InputError(f"{case.name}: there is nothing to take back; nobody has changed this run")
    before = await _state_before(case, in_force[-1])
    first = len(before.get("human", []))
    undone = [acts[position] for position in in_force if position >= first]
    words = "; ".join(act.text for act in undone)[:1900]
    clues = load(Clue, before["clues"])
    merged = cast("AgentState", {**before, "steps": state["steps"]})
    update = start_over(merged, clues, await _first_warnings(case))
    update["region"], update["pinned"] = before.get("region"), before.get("pinned", [])
    human = HumanInput(action="undo", text=f"takes back: {words}", reply={"acts": len(undone)})
    update["human"] = [dump(human)]
    recorder = Recorder(STEP_NODE, None)
    update["steps"] = recorder.step(
        len(state["steps"]),
        f"a person {human.text}",
        **_change(list(load(Clue, state["clues"])), list(clues)),
    )
    return await case.apply_update(update)


def _clues_after(state: AgentState, added: AgentState) -> list[Clue]:
    """Return all clues once an update is in, each once."""
    clues: Any = added.get("clues", [])
    known = [] if isinstance(clues, dict) else state["clues"]
    every = load(Clue, [*known, *clues_in(added)])
    return list({clue.id: clue for clue in reversed(every)}.values())[::-1]


def _change(before: list[Clue], after: list[Clue]) -> dict[str, list[Json]]:
    """Return which clues a step adds and which it forgets, as its detail tells."""
    old, new = {clue.id for clue in before}, {clue.id for clue in after}
    gone: list[Any] = [clue.id for clue in before if clue.id not in new]
    return {"clues": [dump(c) for c in after if c.id not in old], "forgotten": gone}


async def _first_warnings(case: "Case") -> list[str]:
    """Return what was said of how the photo was read, before anything was judged."""
    async for checkpoint in case.database.checkpoints(case.branch):
        if checkpoint.state.get("steps"):
            return [str(text) for text in checkpoint.state.get("warnings", [])]
    return []


async def _state_before(case: "Case", position: int) -> AgentState:
    """Return the last state before the act of that number."""
    found: Json = {}
    async for checkpoint in case.database.checkpoints(case.branch):
        if len(checkpoint.state.get("human", [])) > position:
            break
        found = checkpoint.state
    return cast("AgentState", found)
