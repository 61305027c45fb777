"""ground: reference points and names that were read, placed on the map; then scored in parallel.

`ground` asks the geocoder, `fan_out` sends every candidate to its own `score` task, and `score`
turns all observations into likelihood ratios for that one candidate.
"""

import asyncio

from langgraph.runtime import Runtime
from langgraph.types import Send

from geoagent_graph.nodes.exclusions import weighable_exclusions
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.situation import tools_of, within_of
from geoagent_graph.number_words import count
from geoagent_graph.protocols import NamedPlace
from geoagent_graph.state import AgentState, ScoreTask, dump, load, require_current
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Clue, Json, Place, Reference

MAX_NAMES = 8
MAX_MEANINGS = 5


async def ground(state: AgentState, runtime: Runtime[Toolbox]) -> AgentState:
    """Return the references with their countries, and what each name on a sign may mean."""
    require_current(state)
    tools = tools_of(runtime)
    recorder = Recorder("ground", state["level"], tools.tool_seconds)
    references = await _place_references(load(Reference, state["references"]), tools, recorder)
    names = _names_on_signs(load(Clue, state["clues"]))
    meanings: Json = {}
    for name in names:
        found = await recorder.call(
            "geocoder.forward", {"name": name}, _places_text, tools.geocoder.forward, name
        )
        meanings[name] = [dump(named.place) for named in (found or [])[:MAX_MEANINGS]]
    return AgentState(
        references=[dump(reference) for reference in references],
        warnings=recorder.warnings,
        steps=recorder.step(
            len(state["steps"]),
            f"{count(len(names), 'name')} and {count(len(references), 'reference point')} "
            "placed on the map",
            names=meanings,
        ),
    )


def fan_out(state: AgentState) -> list[Send]:
    """Return one scoring task per candidate; with none, straight to `judge`.

    What a person excluded inside the region is scored too: the rest is given that it is wrong.
    """
    within = within_of(state)
    proposed = [hypothesis["place"] for hypothesis in state["hypotheses"]]
    excluded = [dump(item.place) for item in weighable_exclusions(state)] if proposed else []
    tasks = [
        Send(
            "score",
            ScoreTask(
                round=state["round"],
                candidate=place,
                within=dump(within) if within else None,
                clues=state["clues"],
                references=state["references"],
            ),
        )
        for place in [*proposed, *excluded]
    ]
    return tasks or [Send("judge", state)]


async def score(state: ScoreTask, runtime: Runtime[Toolbox]) -> AgentState:
    """Return the evidence for and against one candidate."""
    candidate = Place.model_validate(state["candidate"])
    within = Place.model_validate(state["within"]) if state["within"] else None
    evidence = await asyncio.to_thread(
        tools_of(runtime).evidence.score,
        candidate,
        within,
        load(Clue, state["clues"]),
        load(Reference, state["references"]),
    )
    result = {
        "round": state["round"],
        "place_id": candidate.id,
        "evidence": [dump(item) for item in evidence],
    }
    return AgentState(scores=[result])


async def _place_references(
    references: tuple[Reference, ...], tools: Toolbox, recorder: Recorder
) -> list[Reference]:
    placed = []
    for reference in references:
        if reference.country_code is None:
            point = await recorder.call(
                "geocoder.reverse",
                {"lat_deg": reference.lat_deg, "lon_deg": reference.lon_deg},
                lambda found: f"{found.city}, {found.country}",
                tools.geocoder.reverse,
                reference.lat_deg,
                reference.lon_deg,
            )
            if point is not None:
                reference = reference.model_copy(update={"country_code": point.country_code})
        placed.append(reference)
    return placed


def _names_on_signs(clues: tuple[Clue, ...]) -> list[str]:
    names = [clue.attributes.get("name", clue.text) for clue in clues if clue.kind == "place_name"]
    return list(dict.fromkeys(names))[:MAX_NAMES]


def _places_text(found: list[NamedPlace]) -> str:
    if not found:
        return "no such place"
    first = found[0].place
    return f"{len(found)} places, first {first.name}, {first.country or first.continent_code}"
