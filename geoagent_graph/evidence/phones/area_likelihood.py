"""Where the numbers of a dialling area are: P(area | town), soft at its borders."""

from dataclasses import dataclass

import numpy as np

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.phones.dialling_areas import AreaPrefix, AreaSites, DiallingAreas
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.evidence.word_weights import PhoneWeights
from geoagent_graph.geo.sphere import chord_to_km

_NEXT_AREAS = 4
_MIN_REACH_KM = 40.0
_MAX_REACH_KM = 800.0
_MIN_RAISED = 1.01
_MAX_DISTANCES = 250_000  # between towns and rivals at once: a dozen MB with what is made of them


@dataclass(frozen=True, slots=True, eq=False)
class AreaRatios:
    """P(number of this area | town) over the mean of its country, at the towns (sorted) it serves.

    `elsewhere` is the same for the other towns of the country.
    """

    towns: Indices
    ratio: Floats
    elsewhere: float


def area_ratios(areas: DiallingAreas, prefix: AreaPrefix) -> AreaRatios | None:
    """Return how likely the towns of a country are to have a number of an area.

    A mixture: most numbers are of the town's own area, some of one nearby (a main office, a digit
    misread), some of anywhere in the country. Small areas are bounded; the mean over the country's
    towns, weighed with their prior, is 1. None where it is not known which towns the area serves.
    """
    sites = areas.sites_of_prefix(prefix)
    if not len(sites):
        return None
    weights, table = parameters().phone, areas.names.town_table
    country = table.towns_of(areas.names.country)
    towns = np.arange(country.start, country.stop)
    away_km = distances_km(table, towns, sites).min(axis=1)
    share = shares_of_area(areas, sites, away_km, weights)
    around = np.exp(-away_km / weights.around_km)
    prior = prior_over_towns(table)[towns]
    prior = prior / max(float(prior.sum()), 1e-300)
    elsewhere = 1 - weights.area - weights.around
    ratio = (
        weights.area * share / max(float(prior @ share), weights.least_area)
        + weights.around * around / max(float(prior @ around), weights.least_area)
        + elsewhere
    )
    # which area it is says nothing about the country
    mean = max(float(prior @ ratio), elsewhere)
    kept = ratio > _MIN_RAISED * elsewhere
    return AreaRatios(towns[kept], ratio[kept] / mean, elsewhere / mean)


def shares_of_area(
    areas: DiallingAreas,
    sites: Indices,
    away_km: Floats,
    weights: PhoneWeights,
) -> Floats:
    """Return P(area | town) of every town of the country.

    Every area draws a town with (population + c)^a / (distance + d)^k of the nearest of the towns
    that stand for it, and gets its part of the sum (D. L. Huff, 1964, "Defining and Estimating a
    Trading Area"). So an area ends where the next one is as near, however large the areas are.

    Args:
        areas: all areas of the country.
        sites: the towns that stand for this one.
        away_km: how far each town of the country is from the nearest of them.
        weights: a, c, d and k among them.
    """
    table = areas.names.town_table
    rivals = areas.area_sites.rivals_of(sites)
    to_rivals_km = distances_km(table, rivals.towns, sites).min(axis=1, initial=np.inf)
    reach_km = _reach_km(to_rivals_km)
    rivals = rivals.of_rows(to_rivals_km < 2 * reach_km)
    near = np.flatnonzero(away_km < reach_km)
    people = np.array(table.population[sites].max())
    own = _pull(away_km[near], people, weights)
    first = int(table.starts[areas.names.country])
    step = max(1, _MAX_DISTANCES // max(1, len(rivals.towns)))
    others = np.zeros(len(near))
    for start in range(0, len(near), step):
        part = slice(start, start + step)
        others[part] = pull_of_areas(table, near[part] + first, rivals, weights).sum(axis=1)
    share = np.zeros(len(away_km))
    share[near] = own / (own + others)
    return share


def pull_of_areas(
    table: TownTable, towns: Indices, sites: AreaSites, weights: PhoneWeights
) -> Floats:
    """Return how much each area draws each town, shape [towns, areas]."""
    if not len(sites.towns):
        return np.zeros((len(towns), 1))
    pull = _pull(distances_km(table, towns, sites.towns), sites.people, weights)
    starts = np.flatnonzero(np.diff(sites.area, prepend=-1))
    return np.asarray(np.maximum.reduceat(pull, starts, axis=1))


def distances_km(table: TownTable, towns: Indices, sites: Indices) -> Floats:
    """Return the great-circle distances, shape [towns, sites]; good to some 0.1 km."""
    alike = (table.vectors[towns] @ table.vectors[sites].T).astype(np.float64)
    return chord_to_km(np.sqrt(np.maximum(0.0, 2 - 2 * alike)))


def _pull(away_km: Floats, people: Floats, weights: PhoneWeights) -> Floats:
    drawn = (people + weights.site_offset) ** weights.site_power
    return np.asarray(drawn / (away_km + weights.border_km) ** weights.border_power)


def _reach_km(to_rivals_km: Floats) -> float:
    """Return how far from its towns an area may go: twice as far as some areas beside it are."""
    if len(to_rivals_km) < _NEXT_AREAS:
        return _MAX_REACH_KM
    next_km = float(np.partition(to_rivals_km, _NEXT_AREAS - 1)[_NEXT_AREAS - 1])
    return float(np.clip(2 * next_km, _MIN_REACH_KM, _MAX_REACH_KM))
