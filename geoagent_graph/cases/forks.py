"""Where a new branch leaves another one, and what it is called."""

from collections.abc import Mapping

from geoagent_graph.cases.database import CaseDatabase, StoredCheckpoint
from geoagent_graph.cases.names import check_name, name_for
from geoagent_graph.cases.trace_projection import TraceProjection
from geoagent_graph.errors import CheckpointError, InputError
from geoagent_graph.types import Json, Level


def branch_name(name: str | None, wanted: Mapping[Level, str], branches: Mapping[str, Json]) -> str:
    """Return the name of a new branch: the one given, else one made of the places it sets.

    Raises:
        InputError: it is no name, or there is a branch of that name.
    """
    if name is not None:
        if check_name(name, "branch") in branches:
            raise InputError(f"{name}: there is a branch of that name; choose another")
        return name
    stem = name_for("-".join(wanted.values())) if wanted else "branch"
    candidates = (stem, *(f"{stem}-{number}" for number in range(2, 10_000)))
    return next(candidate for candidate in candidates if candidate not in branches)


async def checkpoint_after_step(
    database: CaseDatabase, branch: str, at_step: int
) -> StoredCheckpoint:
    """Return the checkpoint that was stored after a step.

    Raises:
        InputError: there is no such step.
    """
    last = -1
    async for checkpoint in database.checkpoints(branch):
        last = len(checkpoint.state.get("steps", [])) - 1
        if 0 <= at_step == last:
            return checkpoint
    raise InputError(f"--at {at_step}: there is no such step; the last one is {last}")


async def fork_point(database: CaseDatabase, branch: str, at_step: int) -> Json:
    """Return where a branch is left: after which step, and the hash of that step's event.

    Raises:
        CheckpointError: the step is not in the branch's trace.
    """
    for event in await TraceProjection(database, branch).new_events():
        if event["event"] == "step" and event["step"]["index"] == at_step:
            return {"branch": branch, "step": at_step, "hash": event["hash"]}
    raise CheckpointError(f"{database.case}: its step {at_step} is not in its trace")
