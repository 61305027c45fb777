"""How a photo looks, as a model that sees scored it against every town.

The tool of perception keeps the photo's embedding as a clue; here it is weighed, and said in words.
Temperatures and the share that says nothing are in `evidence.visual_weights`.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.photo_look import calibrated_logs, read_embedding
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue, clue_id

NAME: Final = "photo_places"
EMBEDDING_KIND: Final = "photo_embedding"
MAX_NAMED_COUNTRIES: Final = 3
MIN_NAMED_SHARE: Final = 0.03


def photo_place_clues(observations: Observations, town_table: TownTable) -> Iterable[Clue]:
    """Yield in words what the model makes of the photo."""
    for clue, logs in _looks(observations, town_table):
        words = _country_words(logs, town_table)
        yield Clue(
            id=clue_id(NAME, clue.id, words),
            kind=NAME,
            text=words,
            source=clue.attributes["model"],
            attributes={"embedding_clue": clue.id},
        )


def photo_place_likelihood(observations: Observations, town_table: TownTable) -> Likelihood | None:
    """Return what the look of the photo says of every town; None where nothing saw it.

    Raises:
        InputError: another model saw it than is in use.
    """
    for clue, logs in _looks(observations, town_table):
        said = [found.id for found in observations.of_kind(NAME)]
        return Likelihood(
            source=NAME,
            description=_country_words(logs, town_table),
            clue_ids=(*said, clue.id),
            country=np.zeros(len(town_table.codes)),
            towns=np.arange(len(town_table)),
            town_log=logs,
        )
    return None


def _looks(observations: Observations, town_table: TownTable) -> Iterable[tuple[Clue, Floats]]:
    """Yield the first embedding of a photo and log P(photo | town); none where none is usable."""
    look = town_table.look
    if look is None:
        return
    for clue in observations.of_kind(EMBEDDING_KIND, "model", "embedding")[:1]:
        embedding = read_embedding(clue, look.places)
        if embedding is not None:
            weights = look.weights or parameters().visual
            yield clue, calibrated_logs(look.places.town_logs(embedding), town_table, weights)


def _country_words(logs: Floats, town_table: TownTable) -> str:
    """Return the likeliest countries by the look alone: "looks like Portugal (41 %), ..."."""
    mass = prior_over_towns(town_table) * np.exp(logs)
    shares = np.bincount(town_table.country, mass, len(town_table.codes)) / mass.sum()
    best = np.argsort(-shares)[:MAX_NAMED_COUNTRIES].tolist()
    countries = town_table.gazetteer.countries
    named = [
        f"{countries[number].name} ({shares[number]:.0%})".replace("%", " %")
        for number in best
        if shares[number] >= MIN_NAMED_SHARE
    ]
    return f"looks like {', '.join(named)}" if named else "looks like no country in particular"


SOURCE = Source(
    name=NAME,
    kind=NAME,
    label=mark("Look of the photo, by a model that sees"),
    check="fitted on synthetic embeddings of half the places of IM2GPS3K by tools/fit_visual.py, "
    "which takes a folder of located photos too; checked on the other half",
    likelihood=photo_place_likelihood,
    extract=photo_place_clues,
    silences=("geocells",),
)
