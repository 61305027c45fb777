"""Places that a person names: one they recognise, or those in what they know of a photo."""

from collections.abc import Iterator

import numpy as np

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.names.extraction import place_name_clues
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.sources.file_place import NamedTowns, towns_of_claim
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue, clue_id

KIND = "named_place"
CONTEXT_KIND = "context"
MIN_LOWER_CASE_POPULATION = 50_000


def _extract_places(observations: Observations, town_table: TownTable) -> list[Clue]:
    """Return the places that stand in what a person knows of the photo."""
    found = []
    for said in observations.of_kind(CONTEXT_KIND):
        line = said.model_copy(update={"kind": "text", "text": _with_capitals(said.text)})
        for name in place_name_clues([line], town_table):
            if line.text != said.text and not _is_known(name.attributes["normalized"], town_table):
                continue
            attributes = {"name": name.attributes["name"], "said": CONTEXT_KIND}
            found.append(
                Clue(
                    id=clue_id(KIND, *attributes.values()),
                    kind=KIND,
                    text=f"what is known of the photo names {attributes['name']}",
                    source=said.source,
                    attributes={**attributes, "read_in": said.id},
                )
            )
    return found


def _with_capitals(text: str) -> str:
    """Return words that were typed in lower case as names are written."""
    return text.title() if text.islower() else text


def _is_known(key: str, town_table: TownTable) -> bool:
    """Say whether a word that was typed in lower case is the name of a country or a large town."""
    towns = town_table.gazetteer.matches(key)
    is_large = len(towns) > 0 and town_table.population[towns[0]] >= MIN_LOWER_CASE_POPULATION
    return bool(town_table.gazetteer.country_matches(key) or is_large) and key not in word_list(
        "ordinary"
    )


def _weigh_places(observations: Observations, town_table: TownTable) -> list[Likelihood]:
    return list(_likelihoods(observations, town_table))


def _likelihoods(observations: Observations, town_table: TownTable) -> Iterator[Likelihood]:
    """Yield what each named place says: it is the photo's own, or it says nothing."""
    weights, prior = parameters().person, prior_over_towns(town_table)
    for clue in observations.of_kind(KIND, "name"):
        named = towns_named(clue.attributes["name"], town_table)
        if named is None:
            continue
        is_context = clue.attributes.get("said") == CONTEXT_KIND
        false = weights.context_false if is_context else weights.named_false
        ratio = named.shares / float((prior[named.towns] * named.shares).sum())
        yield Likelihood(
            source=KIND,
            description=f"{clue.text} ({named.description})",
            clue_ids=(clue.id,),
            country=np.full(len(town_table.codes), np.log(false)),
            towns=named.towns,
            town_log=np.log1p((1.0 - false) / false * ratio),
        )


def towns_named(words: str, town_table: TownTable) -> NamedTowns | None:
    """Return the towns that "Braga", "Paris, Texas" or "Japan" means; None for an unknown name."""
    name, *rest = [part.strip() for part in words.split(",") if part.strip()] or [""]
    if not rest:
        is_country = bool(town_table.gazetteer.country_matches(name))
        names = {"country": name} if is_country else {"city": name, "region": name}
        return towns_of_claim(_claim(names), town_table)
    country = rest[-1] if town_table.gazetteer.country_matches(rest[-1]) else ""
    names = {"city": name, "region": rest[0], "country": country}
    return towns_of_claim(_claim(names), town_table)


def _claim(names: dict[str, str]) -> Clue:
    return Clue(id=KIND, kind=KIND, text="", source="", attributes=names)


SOURCE = Source(
    name=KIND,
    kind=KIND,
    label=mark("Place that a person names"),
    check="set by hand: a person who recognises a place is wrong once in ten, and of the places "
    "that are named in what is known of a photo two in five are not its own; checked by its tests",
    extract=_extract_places,
    likelihood=_weigh_places,
)
