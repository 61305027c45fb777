"""What each source of evidence weighed in an answer: the claim with it, and without it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.posterior import Posterior, Region
from geoagent_graph.evidence.sources import clue_label
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.types import Place, SourceWeight

_KIND_OF = {"retriever": "similar_photo", "exif": "exif_position"}
"""The kind of clue behind a line of evidence, where it has another name."""


@dataclass(frozen=True, eq=False)
class _Asked:
    """What the sources are weighed for: a place, and the towns that come into question."""

    posterior: Posterior
    allowed: NDArray[np.bool_]
    inside: NDArray[np.bool_]

    def shares(self, logs: Floats) -> tuple[float, Floats]:
        """Return P(place) and P(country), [countries], given log P(observations | town)."""
        top = float(logs[self.allowed].max())
        mass = np.where(self.allowed, self.posterior.prior * np.exp(logs - top), 0.0)
        mass /= max(float(mass.sum()), 1e-300)
        number = len(self.posterior.country_prior)
        countries = np.bincount(self.posterior.town_table.country, mass, number)
        return min(1.0, float(mass[self.inside].sum())), np.minimum(countries, 1.0)


def source_weights(
    posterior: Posterior, allowed: NDArray[np.bool_], place: Place, region: Region
) -> tuple[SourceWeight, ...]:
    """Return one entry per source that spoke, the heaviest first.

    Args:
        posterior: everything that was observed, one likelihood or more per source.
        allowed: towns that come into question, shape [towns], at least one.
        place: what the sources are weighed for: the claim, or the likeliest country.
        region: its towns.
    """
    asked = _Asked(posterior, allowed, _towns_of(region, posterior))
    spoken = _by_source(posterior.likelihoods)
    logs = {source: _logs_of(found, posterior) for source, found in spoken.items()}
    nats = {source: _nats_of(found, posterior, region) for source, found in spoken.items()}
    total: Floats = np.sum(list(logs.values()), axis=0)
    whole = sum(abs(value) for value in nats.values()) or 1.0
    probability, _ = asked.shares(total)
    names = posterior.town_table.gazetteer.countries
    found = []
    for source, own in logs.items():
        without, countries = asked.shares(total - own)
        best = int(countries.argmax())
        found.append(
            SourceWeight(
                source=source,
                label=clue_label(_KIND_OF.get(source, source)),
                place=place.name,
                place_id=place.id,
                nats=nats[source],
                share=abs(nats[source]) / whole,
                probability=probability,
                probability_without=without,
                country_without=names[best].name,
                country_probability_without=float(countries[best]),
            )
        )
    return tuple(sorted(found, key=lambda one: -abs(one.nats)))


def _by_source(likelihoods: Sequence[Likelihood]) -> dict[str, list[Likelihood]]:
    found: dict[str, list[Likelihood]] = {}
    for one in likelihoods:
        found.setdefault(one.source, []).append(one)
    return found


def _towns_of(region: Region, posterior: Posterior) -> NDArray[np.bool_]:
    country = posterior.town_table.country
    if region.towns is None:
        return np.asarray(np.isin(country, region.countries))
    return np.isin(np.arange(len(country)), region.towns)


def _logs_of(likelihoods: Sequence[Likelihood], posterior: Posterior) -> Floats:
    """Return log P(the observations of a source | town), shape [towns]."""
    country = posterior.town_table.country
    logs = np.zeros(len(country))
    for one in likelihoods:
        logs += one.country[country]
        logs[one.towns] += one.town_log
    return logs


def _nats_of(likelihoods: Sequence[Likelihood], posterior: Posterior, region: Region) -> float:
    """Return log P(the observations | place) - log P(the observations | the world)."""
    world = Region(np.arange(len(posterior.country_prior)))
    return sum(
        posterior.single_log(one, region) - posterior.single_log(one, world) for one in likelihoods
    )
