"""Where photos are taken before anything is known about one: the prior over towns."""

from functools import lru_cache

import numpy as np

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.towns import MAX_TOWN_TABLES, Floats, TownTable


@lru_cache(maxsize=MAX_TOWN_TABLES)
def prior_over_towns(town_table: TownTable) -> Floats:
    """Return P(town), shape [towns], which sums to 1.

    A country weighs population ** a * towns ** b, where towns is how many the gazetteer has; a
    town within it weighs (population + c) ** d. `fitted.json` has them and says what they were
    fitted on.
    """
    weights = parameters().prior
    return town_prior(
        town_table,
        country_weights(town_table, weights.country_population, weights.country_towns),
        weights.town_population,
        weights.town_offset,
    )


def country_weights(town_table: TownTable, population_power: float, towns_power: float) -> Floats:
    """Return one weight per country; zero for countries without towns."""
    countries = town_table.gazetteer.countries
    population = np.array([max(country.population, 500) for country in countries], np.float64)
    towns = np.diff(town_table.starts).astype(np.float64)
    return np.asarray(population**population_power * towns**towns_power)


def town_prior(town_table: TownTable, weights: Floats, power: float, offset: float) -> Floats:
    """Return P(town) for country weights and a power of the towns' population."""
    town = (town_table.population + offset) ** power
    totals = np.bincount(town_table.country, weights=town, minlength=len(town_table.codes))
    share = town / totals[town_table.country]
    return np.asarray(share * (weights / weights.sum())[town_table.country])
