"""Where photos are taken before anything is known about one: the prior over towns."""

from functools import lru_cache

import numpy as np

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.place_weights import PriorWeights
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import MAX_TOWN_TABLES, Floats, TownTable

MIN_POPULATION = 500
MIN_ROADS_KM = 1.0


def prior_over_towns(town_table: TownTable) -> Floats:
    """Return P(town), shape [towns], which sums to 1; made once for each set of weights.

    A country's share is a mixture of two products of powers: of roads, people and towns, fitted on
    photos as people take them, and of people and towns, for collections with a few photos of every
    country. A town within it weighs (population + c) ** d. `fitted.json` has the numbers and says
    what they were fitted on.
    """
    return _prior_with(town_table, parameters().prior)


@lru_cache(maxsize=MAX_TOWN_TABLES)
def _prior_with(town_table: TownTable, weights: PriorWeights) -> Floats:
    shares = country_shares(town_table, weights)
    return town_prior(town_table, shares, weights.town_population, weights.town_offset)


def country_shares(town_table: TownTable, weights: PriorWeights | None = None) -> Floats:
    """Return P(country), shape [countries]; zero for countries without towns."""
    weights = weights or parameters().prior
    taken = country_weights(
        town_table, weights.taken_population, weights.taken_towns, weights.taken_roads
    )
    even = country_weights(town_table, weights.even_population, weights.even_towns)
    share = weights.taken_share
    return np.asarray(share * taken / taken.sum() + (1.0 - share) * even / even.sum())


def country_weights(
    town_table: TownTable, population_power: float, towns_power: float, roads_power: float = 0.0
) -> Floats:
    """Return one weight per country; zero for countries without towns."""
    countries = town_table.gazetteer.countries
    people = [max(country.population, MIN_POPULATION) for country in countries]
    roads_km = np.array([road_length_km(country.code) for country in countries])
    towns = np.diff(town_table.starts).astype(np.float64)
    by_people = np.array(people, np.float64) ** population_power
    counted = np.maximum(towns, 1.0) ** towns_power * (towns > 0)
    return np.asarray(by_people * counted * roads_km**roads_power)


def road_length_km(code: str) -> float:
    """Return the length of a country's roads, an estimate where nobody has counted them."""
    roads = table("roads")
    known = roads["km"].get(code) or roads["estimated_km"].get(code, 0.0)
    return max(float(known), MIN_ROADS_KM)


def town_prior(town_table: TownTable, weights: Floats, power: float, offset: float) -> Floats:
    """Return P(town) for country weights and a power of the towns' population."""
    town = (town_table.population + offset) ** power
    totals = np.bincount(town_table.country, weights=town, minlength=len(town_table.codes))
    share = town / totals[town_table.country]
    return np.asarray(share * (weights / weights.sum())[town_table.country])
