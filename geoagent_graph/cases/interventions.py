"""What a person changes in a run: a place vetoed, a place set in a fork."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from geoagent_graph.errors import InputError
from geoagent_graph.nodes.exclusions import exclude_place
from geoagent_graph.nodes.start_over import set_warning
from geoagent_graph.protocols import Geocoder
from geoagent_graph.questions import HumanInput, find_place
from geoagent_graph.state import AgentState, dump, load
from geoagent_graph.types import LEVELS, Hypothesis, Json, Level, Place, Verdict


class UnknownPlace(InputError):
    """A place that the run has not looked at; a gazetteer may know it."""


def veto(state: AgentState, place: str, reason: str) -> AgentState:
    """Return the update that excludes a place and goes back to its level.

    Raises:
        InputError: there is no such place, or no reason is given.
    """
    if not reason.strip():
        raise InputError("--because: say why; the reason stands in the report")
    rejected = find_place(place, hypotheses_of(state))
    if any(item["place"]["id"] == rejected.place.id for item in state["excluded"]):
        raise InputError(f"{rejected.place.name}: is excluded already")
    said = f"vetoes {rejected.place.name}: {reason.strip()}"
    update = exclude_place(state, rejected, reason.strip())
    human = HumanInput(action="veto", text=said[:2000], place=rejected.place)
    update["human"] = [dump(human)]
    return update


def set_places(
    state: AgentState,
    wanted: Mapping[Level, str],
    seen: Sequence[Hypothesis],
    geocoder: Geocoder | None,
) -> AgentState:
    """Return the update that accepts the named places on a person's word.

    Their probability becomes 1: everything below is what follows if the person is right, and the
    answer says so. `seen` are the places that other steps of the run have judged; a geocoder knows
    the others.

    Raises:
        UnknownPlace: no such place has been looked at, and there is no geocoder.
        InputError: no such place is known, or it does not lie in the one set above it.
    """
    known = hypotheses_of(state)
    known += tuple(h for h in seen if h.place.id not in {k.place.id for k in known})
    deepest = max(LEVELS.index(level) for level in wanted)
    accepted: list[Hypothesis] = []
    choices: list[tuple[str, Place]] = []
    for level in LEVELS[: deepest + 1]:
        before = next((h for h in load(Hypothesis, state["accepted"]) if h.level == level), None)
        if level in wanted:
            place = _find_place(wanted[level], level, known, geocoder)
            choices.append((f"{level}={place.name}", place))
            before = next((h for h in known if h.place.id == place.id), None)
            accepted.append(_certain_hypothesis(place, before))
        elif before is not None:
            accepted.append(before)
        else:
            raise InputError(f"--set: set the {level} as well, none is accepted at this step")
    _check_nesting([hypothesis.place for hypothesis in accepted])
    last = accepted[-1].place
    human = [HumanInput(action="set", text=f"sets {words}", place=p) for words, p in choices]
    kept = {k: v for k, v in state["levels"].items() if LEVELS.index(k) <= deepest}
    assumed: dict[Level, list[Json]] = {
        h.level: [dump(h)] for h in accepted if h.level in wanted or h.level not in kept
    }
    return AgentState(
        accepted=[dump(hypothesis) for hypothesis in accepted],
        levels={**kept, **assumed},
        level=LEVELS[min(deepest + 1, len(LEVELS) - 1)],
        attempt=0,
        verdict=dump(Verdict(decision="accept", place_id=last.id, reason="set by a person")),
        question=None,
        pinned=[h.place.id for h in accepted if h.level in wanted],
        counted_from=len(state["steps"]),
        done=False,
        warnings=[set_warning([place for _, place in choices])],
        human=[dump(item) for item in human],
    )


def hypotheses_of(state: AgentState) -> tuple[Hypothesis, ...]:
    """Return every hypothesis of the current state, each place once."""
    dumped = [
        *state["accepted"],
        *(item for found in state["levels"].values() for item in found),
        *state["hypotheses"],
    ]
    unique = {hypothesis.place.id: hypothesis for hypothesis in reversed(load(Hypothesis, dumped))}
    return tuple(reversed(unique.values()))


def _find_place(
    words: str, level: Level, known: tuple[Hypothesis, ...], geocoder: Geocoder | None
) -> Place:
    at_level = tuple(hypothesis for hypothesis in known if hypothesis.level == level)
    try:
        return find_place(words, at_level).place
    except InputError as error:
        if geocoder is None:
            raise UnknownPlace(str(error)) from error
        found = [named.place for named in geocoder.forward(words)]
        places = [place for place in found if place.level == level]
        if not places:
            raise InputError(f"--set {level}={words}: there is no {level} of that name") from error
        return places[0]


def _certain_hypothesis(place: Place, before: Hypothesis | None) -> Hypothesis:
    return Hypothesis(
        level=place.level,
        place=place,
        prior=before.probability if before else 0.0,
        probability=1.0,
        reason="set by a person",
        clues=before.clues if before else (),
        evidence=before.evidence if before else (),
    )


def _check_nesting(places: list[Place]) -> None:
    for outer, inner in pairwise(places):
        same_continent = outer.continent_code == inner.continent_code
        same_country = outer.level == "continent" or outer.country_code == inner.country_code
        if not (same_continent and same_country):
            raise InputError(
                f"--set: {inner.name} does not lie in {outer.name}; set the {outer.level} as well"
            )
