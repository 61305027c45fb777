"""Names of places on signs; see `evidence.names`."""

from collections.abc import Iterable
from functools import lru_cache

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.names.extraction import place_name_clues
from geoagent_graph.evidence.names.likelihood import NameLikelihoods
from geoagent_graph.evidence.names.planted import common_origin
from geoagent_graph.evidence.names.states import state_clues
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import MAX_TOWN_TABLES, TownTable
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

_OF_THE_PLACE = frozenset({"address", "contact", "town_sign", "towards", "street"})


@lru_cache(maxsize=MAX_TOWN_TABLES)
def likelihoods_of_towns(town_table: TownTable) -> NameLikelihoods:
    """Return what turns names into likelihoods, made once per table of towns."""
    return NameLikelihoods(town_table)


def distinct_names(names: Iterable[Clue], town_table: TownTable) -> list[Clue]:
    """Return the names, one per meaning: "Munich" beside "München" is the same name twice."""
    kept: list[Clue] = []
    meanings: set[int] = set()
    for clue in names:
        towns = town_table.gazetteer.matches(clue.attributes["normalized"])
        if len(towns) and int(towns[0]) in meanings and "country_code" not in clue.attributes:
            continue
        meanings |= {int(towns[0])} if len(towns) else set()
        kept.append(clue)
    return kept


def _extract_names(observations: Observations, town_table: TownTable) -> list[Clue]:
    # a name in words to the viewer is a clue too, of hardly any weight; a state there is none
    names = place_name_clues(observations.lines.in_scene, town_table)
    return [*names, *state_clues(observations.lines.on_signs, town_table)]


def _weigh_names(observations: Observations, town_table: TownTable) -> list[Likelihood]:
    names = distinct_names(observations.of_kind("place_name", "normalized"), town_table)
    weigh = likelihoods_of_towns(town_table).likelihood
    said = [(clue, likelihood) for clue in names if (likelihood := weigh(clue)) is not None]
    doubt = parameters().names.common_doubt
    alone = not observations.of_kind("road")  # a sign of directions has its road's number
    together = common_origin(_of_one_origin(said) if alone else [], doubt, town_table)
    return [*(likelihood for _, likelihood in said), *([together] if together else [])]


def _of_one_origin(said: list[tuple[Clue, Likelihood]]) -> list[Likelihood]:
    """Return what the names say that one map or poster may hold; none beside a name of the place.

    A town sign, an address or a direction sign stands where it says.
    """
    contexts = [clue.attributes.get("context") for clue, _ in said]
    if _OF_THE_PLACE.intersection(contexts):
        return []
    return [name for (_, name), context in zip(said, contexts, strict=True) if context != "abroad"]


SOURCE = Source(
    name="place_names",
    kind="place_name",
    label=mark("Place name"),
    check="set by hand; checked on drawn signs and by the tests' signs and words to the viewer",
    extract=_extract_names,
    likelihood=_weigh_names,
    of_one_sign=True,
)
