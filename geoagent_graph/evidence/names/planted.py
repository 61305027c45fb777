"""Where names are planted: on shops, shirts and posters far from the places they name."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from geoagent_graph.evidence.language.language_mix import language_mix
from geoagent_graph.evidence.likelihood import Likelihood, sparse_sum
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.towns import MAX_TOWN_TABLES, Floats, TownTable

_MIN_OVERLAP = 0.002
_MIN_GAIN = 0.7  # nats, twice as likely there as in the world
_MIN_PRIOR = 1e-300


@lru_cache(maxsize=MAX_TOWN_TABLES)
def planted_shares(town_table: TownTable) -> Floats:
    """Return P(country that a planted name is of | country it is planted in), rows sum to 1.

    A part is drawn like photos, the rest by how much of the languages on signs is shared: a
    restaurant in Portugal is called Maputo oftener than one in Poland.
    """
    prior = prior_of_countries(town_table)
    share = language_mix(town_table).share
    local = share - share.min(axis=0)  # what is on signs everywhere is no bond
    overlap = np.array([np.minimum(row, local).sum(axis=1) for row in local])
    akin = np.maximum(overlap, _MIN_OVERLAP) * prior
    akin /= akin.sum(axis=1, keepdims=True)
    by_language = parameters().names.planted_by_language
    return np.asarray((1.0 - by_language) * prior + by_language * akin)


@lru_cache(maxsize=MAX_TOWN_TABLES)
def prior_of_countries(town_table: TownTable) -> Floats:
    """Return P(country) before anything was seen, shape [countries]."""
    prior = prior_over_towns(town_table)
    return np.bincount(town_table.country, prior, len(town_table.codes)).astype(np.float64)


def planted_by_country(town_table: TownTable, named: Likelihood) -> Floats:
    """Return P(a name | planted in a country), shape [countries], for P(the name | town)."""
    return np.asarray(planted_shares(town_table) @ country_means(town_table, named))


def mean_over_countries(town_table: TownTable, named: Likelihood) -> Floats:
    """Return P(a name | in a text about anywhere), shape [countries], one value for all."""
    mean = float(country_means(town_table, named) @ prior_of_countries(town_table))
    return np.full(len(town_table.codes), mean)


def country_means(town_table: TownTable, named: Likelihood) -> Floats:
    """Return P(a name | country), shape [countries], the mean over its towns by their prior."""
    within, towns = np.exp(named.country), named.towns
    country = town_table.country[towns]
    more = prior_over_towns(town_table)[towns] * within[country] * np.expm1(named.town_log)
    prior = np.maximum(prior_of_countries(town_table), _MIN_PRIOR)
    return np.asarray(within + np.bincount(country, more, len(within)) / prior)


def common_origin(
    names: Sequence[Likelihood], doubt: float, town_table: TownTable
) -> Likelihood | None:
    """Return how much less several names say because a map or a poster may hold all of them.

    P(names | town) is that of signs of the town, and `doubt` times that of the same names planted
    together. None unless two names speak for the same country: each has its own doubt already.
    """
    names = names_that_agree(names, town_table)
    if len(names) < 2:
        return None
    country = np.sum([name.country for name in names], axis=0)
    towns, log = sparse_sum([(name.towns, name.town_log) for name in names])
    of_town = town_table.country[towns]
    country -= max(float(country.max()), float((country[of_town] + log).max(initial=-np.inf)))
    together = Likelihood("place_name", "", (), country, towns, log)
    planted = np.log(doubt) + np.log(planted_by_country(town_table, together))
    mixed = np.logaddexp(country, planted)
    return Likelihood(
        source="place_name",
        description="names that one map, list or poster may hold",
        clue_ids=tuple(dict.fromkeys(clue_id for name in names for clue_id in name.clue_ids)),
        country=mixed - country,
        towns=towns,
        town_log=np.logaddexp(country[of_town] + log, planted[of_town]) - mixed[of_town] - log,
    )


def names_that_agree(names: Sequence[Likelihood], town_table: TownTable) -> list[Likelihood]:
    """Return the names that speak for the country for which all of them together speak most."""
    if not names:
        return []
    prior = prior_of_countries(town_table)
    means = np.array([country_means(town_table, name) for name in names])
    gains = np.log(means) - np.log(means @ prior)[:, None]
    best = int(np.argmax(np.where(prior > 0.0, gains.sum(axis=0), -np.inf)))
    return [name for name, gain in zip(names, gains[:, best], strict=True) if gain > _MIN_GAIN]
