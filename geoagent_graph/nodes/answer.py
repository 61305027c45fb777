"""answer: what was accepted, how sure it is, and everything that led there."""

import asyncio
import math

from langgraph.runtime import Runtime

from geoagent_graph.call_log import total_usage
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.nodes.fallback import policy_label
from geoagent_graph.nodes.position_claims import position_warnings
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.situation import exclusions_of, tools_of
from geoagent_graph.number_words import distance
from geoagent_graph.protocols import PointEstimate
from geoagent_graph.state import AgentState, dump, load, require_current
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import (
    Answer,
    AnswerPlace,
    ClaimLevel,
    Clue,
    Exclusion,
    Hypothesis,
    ImageRef,
    Level,
    Place,
    Reference,
    Step,
)

MAX_NEAR_RADIUS_KM = 25.0
"""A circle no larger than this stands for a town, whose surroundings it is."""
MIN_CLAIM_PROBABILITY = 0.5
"""An answer never claims a place that is more likely wrong than right."""


async def answer(state: AgentState, runtime: Runtime[Toolbox]) -> AgentState:
    """Return the answer and `done`."""
    require_current(state)
    tools = tools_of(runtime)
    recorder = Recorder("answer", None, tools.tool_seconds)
    claimed = _claims_of(load(Hypothesis, state["accepted"]))
    within = claimed[-1].place if claimed else None
    clues = load(Clue, state["clues"])
    references = load(Reference, state["references"])
    point = await asyncio.to_thread(
        tools.evidence.locate, within, clues, references, exclusions_of(state)
    )
    lat_deg, lon_deg, radius_km = point.lat_deg, point.lon_deg, point.radius_km
    level: ClaimLevel = claimed[-1].level if claimed else "none"
    names = AnswerPlace.of(within)
    near = await asyncio.to_thread(_nearest_town, within, point, tools)
    where = f"within {distance(radius_km)} of {lat_deg:.3f}, {lon_deg:.3f}"
    summary = f"{_place_in_words(names, is_prior=point.is_prior)}, {where}"
    recorder.warnings.extend(await position_warnings(clues, within, point, tools, recorder))
    recorder.warnings.extend(
        await asyncio.to_thread(_exclusion_warnings, state, lat_deg, lon_deg, tools)
    )
    steps = recorder.step(len(state["steps"]), summary, level=level)
    trace = load(Step, [*state["steps"], *steps])
    result = Answer(
        image=ImageRef.model_validate(state["image"]),
        place=names,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        radius_km=radius_km,
        level=level,
        probability=claimed[-1].probability if claimed else 0.0,
        near=near,
        levels=_overall_levels(state),
        countries=dict(point.countries),
        is_prior=point.is_prior and not claimed,
        source_weights=point.source_weights,
        clues=clues,
        references=references,
        excluded=load(Exclusion, state["excluded"]),
        tools=tuple(call for step in trace for call in step.tools),
        warnings=(*state["warnings"], *recorder.warnings, *tools.notices),
        policy=policy_label(tools, state),
        usage=total_usage(call for step in trace for call in step.tools),
        seconds=math.fsum(step.seconds for step in trace),
        trace=trace,
    )
    return AgentState(answer=dump(result), steps=steps, warnings=recorder.warnings, done=True)


def _nearest_town(within: Place | None, point: PointEstimate, tools: Toolbox) -> str | None:
    """Return the town nearest to a point that is known as well as a town is, in a claimed country.

    None where a town is claimed, or the circle could hold several.
    """
    if within is None or within.level != "country" or point.radius_km > MAX_NEAR_RADIUS_KM:
        return None
    found = tools.geocoder.reverse(point.lat_deg, point.lon_deg)
    is_there = found.country_code == within.country_code and found.distance_km <= point.radius_km
    return found.city or None if is_there else None


def _claims_of(accepted: tuple[Hypothesis, ...]) -> list[Hypothesis]:
    """Return the accepted places with their overall probabilities, down to the last good one."""
    claimed = []
    overall = 1.0
    for hypothesis in accepted:
        overall *= hypothesis.probability
        if overall < MIN_CLAIM_PROBABILITY:
            break
        claimed.append(hypothesis.model_copy(update={"probability": overall}))
    return claimed


def _overall_levels(state: AgentState) -> dict[Level, tuple[Hypothesis, ...]]:
    """Return the candidates of every level with probabilities over the whole world.

    In the state a probability is inside the place accepted one level up; here it is multiplied by
    the probability of that place.
    """
    accepted = {h.level: h.probability for h in load(Hypothesis, state["accepted"])}
    levels: dict[Level, tuple[Hypothesis, ...]] = {}
    parent = 1.0
    for level, dumped in state["levels"].items():
        levels[level] = tuple(
            hypothesis.model_copy(
                update={
                    "prior": hypothesis.prior * parent,
                    "probability": hypothesis.probability * parent,
                }
            )
            for hypothesis in load(Hypothesis, dumped)
        )
        parent *= accepted.get(level, 0.0)
    return levels


def _place_in_words(place: AnswerPlace, *, is_prior: bool) -> str:
    parts = [place.city, place.region, place.country, place.continent]
    why = "nothing seen tells places apart" if is_prior else "the evidence is thin"
    return next((part for part in parts if part), f"nowhere in particular: {why}")


def _exclusion_warnings(
    state: AgentState, lat_deg: float, lon_deg: float, tools: Toolbox
) -> list[str]:
    """Say so where the best point lies in what was excluded or outside of what a person drew."""
    warnings = []
    if state["excluded"]:
        point = tools.geocoder.reverse(lat_deg, lon_deg)
        inside = {f"continent:{point.continent_code}", f"country:{point.country_code}"}
        warnings += [
            f"the point where the evidence is strongest lies in {exclusion.place.name}, which was "
            "excluded: do not take it for the place of the photo"
            for exclusion in load(Exclusion, state["excluded"])
            if exclusion.place.id in inside
        ]
    region = state.get("region")
    if region is not None:
        away_km = distance_km(region["lat_deg"], region["lon_deg"], lat_deg, lon_deg)
        if float(away_km) > region["radius_km"]:
            warnings.append(
                "the point where the evidence is strongest lies outside the drawn circle"
            )
    return warnings
