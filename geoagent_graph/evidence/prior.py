"""Where photos are taken before anything is known about one: the prior over towns."""

import numpy as np

from geoagent_graph.evidence.tables import fitted
from geoagent_graph.evidence.towns import Floats, TownTable


def prior_over_towns(town_table: TownTable) -> Floats:
    """Return P(town), shape [towns], which sums to 1.

    A country weighs population ** a * towns ** b, where towns is how many the gazetteer has; a
    town within it weighs (population + c) ** d. `fitted.json` has them and says what they were
    fitted on.
    """
    numbers = fitted("prior")
    return town_prior(
        town_table,
        country_weights(town_table, numbers["country_population"], numbers["country_towns"]),
        numbers["town_population"],
        numbers["town_offset"],
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
