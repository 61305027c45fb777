"""Reads of the state and the runtime that several nodes share."""

from dataclasses import fields
from typing import cast

from langgraph.runtime import Runtime

from geoagent_graph.errors import InputError
from geoagent_graph.protocols import ImageStore, Photo, RuledOut, Situation
from geoagent_graph.search_areas import SearchCircle, areas_in
from geoagent_graph.state import AgentState, RunOptions, load
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Clue, Exclusion, Hypothesis, ImageRef, Place, Reference


def tools_of(runtime: Runtime[Toolbox]) -> Toolbox:
    """Return the tools that the run was given as LangGraph context.

    Raises:
        InputError: it was given none, or something else.
    """
    context = cast("Toolbox | None", runtime.context)
    if context is None:
        found = "no context"
    elif missing := [part.name for part in fields(Toolbox) if not hasattr(context, part.name)]:
        found = f"a {type(context).__name__} as context, which has no {', '.join(missing[:4])}"
    else:
        return context
    raise InputError(
        f"the graph was called with {found}: it needs its tools, as in "
        "`graph.ainvoke(inputs, config, context=open_toolbox())`; a parent graph passes its own on"
    )


def options_of(state: AgentState) -> RunOptions:
    """Return the options of the run."""
    return RunOptions.model_validate(state.get("options", {}))


def steps_left(state: AgentState) -> int:
    """Return how many more steps the budget allows; a person's input renews it."""
    taken = len(state.get("steps", [])) - state.get("counted_from", 0)
    return options_of(state).budget - taken


def within_of(state: AgentState) -> Place | None:
    """Return the last accepted place: the region that is being divided, None for the world."""
    accepted = load(Hypothesis, state.get("accepted", []))
    return accepted[-1].place if accepted else None


def exclusions_of(state: AgentState) -> RuledOut:
    """Return where the photo was not taken: what was excluded, all outside what was drawn."""
    excluded = load(Exclusion, state.get("excluded", []))
    region = state.get("region")
    return RuledOut(
        places=tuple(exclusion.place for exclusion in excluded),
        circle=SearchCircle.model_validate(region) if region else None,
        areas=tuple(areas_in(load(Clue, state.get("clues", [])))),
    )


def photo_of(state: AgentState, images: ImageStore) -> Photo:
    """Return the photo of the run, with the store that holds its pixels."""
    return Photo(ImageRef.model_validate(state["image"]), images)


def situation_of(state: AgentState, images: ImageStore) -> Situation:
    """Return what a policy may look at."""
    excluded = load(Exclusion, state.get("excluded", []))
    return Situation(
        photo=photo_of(state, images),
        level=state["level"],
        within=within_of(state),
        clues=load(Clue, state.get("clues", [])),
        references=load(Reference, state.get("references", [])),
        excluded=frozenset(exclusion.place.id for exclusion in excluded),
        attempt=state.get("attempt", 0),
        steps_left=steps_left(state),
    )
