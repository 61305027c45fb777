"""Names read on signs, as a likelihood over towns."""

from dataclasses import dataclass

import numpy as np

from geoagent_graph.evidence.likelihood import Signal, sparse_sum
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.types import Clue

MAX_TOWNS = 400
MAX_KERNELS = 25
_MAX_RADIUS_KM = 350.0
_SPREAD_OF_ROADS = 0.35  # of the logarithm of road distance over straight distance
_ROAD_OVER_STRAIGHT = 1.25
_KNOWN_TOWN = 50_000.0
_MENDED = {"mark": 0.8, "letter": 0.25}


@dataclass(frozen=True, slots=True)
class NameWeights:
    """What a name in one context means, as a mixture; fitted or chosen in `fitted.json`.

    own, near, country, world: probabilities that the sign names the town it stands in, one around,
    one in the same country, any. They sum to 1 with nothing left. `chance`: probability that the
    words are no place at all. `least`: the least probability of these words by chance; `fame`: how
    much more that is for the name of a city of a million.
    """

    own: float
    near: float
    country: float
    world: float
    chance: float
    least: float
    fame: float


class NameSignals:
    """Turns `place_name` clues into signals; keeps the population shares it needs."""

    def __init__(self, town_table: TownTable) -> None:
        self._leaves = town_table
        self._mentions = (town_table.population + 300.0) ** 0.8
        by_country = np.bincount(town_table.country, self._mentions, len(town_table.codes))
        self._of_country: Floats = np.maximum(by_country, 1e-9)
        self._of_world = float(self._mentions.sum())

    def signal(self, clue: Clue) -> Signal | None:
        """Return what one name says; None when it names no place."""
        town_table, gazetteer = self._leaves, self._leaves.gazetteer
        key = clue.attributes.get("normalized", "")
        towns = gazetteer.matches(key)[:MAX_TOWNS].astype(np.int64)
        countries = [town_table.number_of[code] for code in gazetteer.country_matches(key)]
        regions = town_table.regions.get(key, ())
        if "country_code" in clue.attributes:
            only = town_table.number_of.get(clue.attributes["country_code"], -1)
            towns = towns[town_table.country[towns] == only]
            regions = tuple(region for region in regions if region[0] == only)
        if not len(towns) and not countries and not regions:
            return None
        weights = _weights(clue)
        named = 1.0 - self._chance(clue, weights)
        base = self._base(towns, countries, regions, weights, named)
        base = base + (1.0 - named) * self._by_chance(key, towns, countries, weights)
        local = self._local(towns, regions, weights, clue)
        where, value = sparse_sum([(index, named * share) for index, share in local])
        return Signal(
            source="place_name",
            says=self._says(clue, towns, countries, regions),
            clue_ids=(clue.id,),
            country=np.log(base),
            towns=where,
            town_log=np.log1p(value / base[town_table.country[where]]),
        )

    def _chance(self, clue: Clue, weights: NameWeights) -> float:
        chance = 1.0 - (1.0 - weights.chance) * (0.3 + 0.7 * (clue.confidence or 0.8))
        chance = 1.0 - (1.0 - chance) * _MENDED.get(clue.attributes.get("misread", ""), 1.0)
        if "lower_case" in clue.attributes:
            chance = 1.0 - (1.0 - chance) * 0.2
        return chance

    def _base(
        self,
        towns: Indices,
        countries: list[int],
        regions: tuple[tuple[int, str], ...],
        weights: NameWeights,
        named: float,
    ) -> Floats:
        """Return P(this name is given as a place | country), without what is local."""
        town_table = self._leaves
        mentions = np.bincount(
            town_table.country[towns], self._mentions[towns], len(town_table.codes)
        )
        within = mentions / self._of_country
        # a country's own name is on its signs; a region's name counts as a large town's
        for number in countries:
            within[number] += 0.5
        abroad = mentions.sum() / self._of_world + 0.02 * len(countries)
        for number, _ in regions:
            within[number] += 0.01
            abroad += 1e-4
        return np.asarray(named * (weights.country * within + weights.world * abroad))

    def _by_chance(
        self, key: str, towns: Indices, countries: list[int], weights: NameWeights
    ) -> float:
        """Return P(exactly these words | the words are no place).

        Short names and names that many towns share are more often something else; the names of
        famous places are on businesses everywhere.
        """
        letters = len(key.replace(" ", ""))
        missing = max(0.0, (8 - letters) if key.isascii() else 2.0 * (4 - letters))
        by_length = 2e-6 * 10 ** (0.4 * missing) * max(1, len(towns))
        largest = float(self._leaves.population[towns].max(initial=0.0))
        if not countries and " " not in key:
            # a word that only a small place bears is more often just a word
            by_length *= (_KNOWN_TOWN / np.clip(largest, 500.0, _KNOWN_TOWN)) ** 0.5
        fame = weights.fame * min(1.0, max(largest, 5e6 if countries else 0.0) / 1e6)
        return float(min(0.05, max(by_length, weights.least) + fame))

    def _local(
        self,
        towns: Indices,
        regions: tuple[tuple[int, str], ...],
        weights: NameWeights,
        clue: Clue,
    ) -> list[tuple[Indices, Floats]]:
        """Return P(this name | town) beyond the country's, where it is more."""
        town_table = self._leaves
        parts = [(towns, np.full(len(towns), weights.own))]
        distance_km = float(clue.attributes.get("distance_km", "0"))
        for town in towns[:MAX_KERNELS].tolist():
            lat, lon = town_table.gazetteer.lat_deg[town], town_table.gazetteer.lon_deg[town]
            population = float(town_table.population[town])
            if distance_km > 0:
                radius = min(_MAX_RADIUS_KM, 1.3 * distance_km + 5)
                around, away_km = town_table.near(float(lat), float(lon), radius)
                ratio = np.log(np.maximum(away_km, 0.5) * _ROAD_OVER_STRAIGHT / distance_km)
                share = 0.5 * np.exp(-0.5 * (ratio / _SPREAD_OF_ROADS) ** 2)
            else:
                scale_km = float(np.clip(15 * (max(population, 1e3) / 1e4) ** 0.25, 8, 60))
                around, away_km = town_table.near(float(lat), float(lon), 3 * scale_km)
                # a city has larger places around it to name than a village of its outskirts
                rank = np.sqrt(
                    (population + 300) / (population + town_table.population[around] + 600)
                )
                share = 0.2 * rank * np.exp(-away_km / scale_km)
            parts.append((around, weights.near * share))
        for number, region in regions:
            inside = town_table.towns_of_region(number, region)
            parts.append((inside, np.full(len(inside), 0.15 * (weights.own + weights.near))))
        return parts

    def _says(
        self,
        clue: Clue,
        towns: Indices,
        countries: list[int],
        regions: tuple[tuple[int, str], ...],
    ) -> str:
        town_table = self._leaves
        meanings = [town_table.gazetteer.countries[number].name for number in countries[:1]]
        meanings += [f"{name} ({town_table.codes[number]})" for number, name in regions[:1]]
        for town in towns[:2].tolist():
            code = town_table.codes[int(town_table.country[town])]
            meanings.append(f"{town_table.gazetteer.name(town)} ({code})")
        more = f" and {len(towns) - 2} more" if len(towns) > 2 else ""
        return f"{clue.text}: {', '.join(dict.fromkeys(meanings))}{more}"


def _weights(clue: Clue) -> NameWeights:
    contexts = table("fitted")["names"]["values"]
    return NameWeights(**contexts[clue.attributes.get("context", "plain")])
