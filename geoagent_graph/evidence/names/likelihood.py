"""Names read on signs, as a likelihood over towns."""

import numpy as np

from geoagent_graph.evidence.likelihood import Likelihood, sparse_sum
from geoagent_graph.evidence.name_weights import ContextWeights
from geoagent_graph.evidence.names.name_words import NameUse, other_use
from geoagent_graph.evidence.names.planted import mean_over_countries, planted_by_country
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.types import Clue

SIGNPOST = "signpost"
"""The attribute of names on a signpost to places all over the world."""

_NAMED_AFTER = frozenset({"street", "trade", "beside_trade"})
MAX_TOWNS = 400
MAX_KERNELS = 25
_MAX_RADIUS_KM = 350.0


class NameLikelihoods:
    """Turns `place_name` clues into signals; keeps the population shares it needs."""

    def __init__(self, town_table: TownTable) -> None:
        self._town_table = town_table
        weights = parameters().names
        self._mentions = (town_table.population + weights.mention_offset) ** weights.mention_power
        by_country = np.bincount(town_table.country, self._mentions, len(town_table.codes))
        self._of_country: Floats = np.maximum(by_country, 1e-9)
        self._of_world = float(self._mentions.sum())

    def likelihood(self, clue: Clue) -> Likelihood | None:
        """Return what one name says; None when it names no place, or is told to the viewer."""
        town_table, gazetteer = self._town_table, self._town_table.gazetteer
        context = clue.attributes.get("context")
        if context == "to_reader":
            return None
        key = clue.attributes.get("normalized", "")
        towns = gazetteer.matches(key)[:MAX_TOWNS].astype(np.int64)
        countries = [town_table.number_of[code] for code in gazetteer.country_matches(key)]
        regions = town_table.regions.get(key, ())
        if "country_code" in clue.attributes:
            only = town_table.number_of.get(clue.attributes["country_code"], -1)
            towns = towns[town_table.country[towns] == only]
            regions = tuple(region for region in regions if region[0] == only)
        if countries and context in _NAMED_AFTER:
            # "Calle México" is after the country, not after its town or region
            towns, regions = towns[:0], ()
        if not len(towns) and not countries and not regions:
            return None
        weights = _weights_of_context(clue)
        if context == "abroad":
            return self._not_its_country(clue, towns, countries, regions)
        distance_km = float(clue.attributes.get("distance_km", "0"))
        if distance_km > _least_far_km(clue):
            return self._far_from(clue, towns, countries, distance_km)
        named = 1.0 - self._chance_of_no_place(clue, weights)
        base = self._country_base(clue, towns, countries, regions, weights, named)
        local = self._local_shares(towns, regions, weights, clue)
        where, value = sparse_sum([(index, named * share) for index, share in local])
        by_chance = (1.0 - named) * self._likelihood_by_chance(key, towns, countries, weights)
        doubt = weights.doubt * _doubt_of_name(key) * (1.0 - weights.chance) / named
        said = self._describe_name(clue, towns, countries, regions)
        named_as_place = _likelihood_of(town_table, base, where, value, said, clue)
        spread = mean_over_countries if context == "sentence" else planted_by_country
        planted = doubt * spread(town_table, named_as_place)
        base = base + np.maximum(by_chance, planted)
        return _likelihood_of(town_table, base, where, value, said, clue)

    def _not_its_country(
        self,
        clue: Clue,
        towns: Indices,
        countries: list[int],
        regions: tuple[tuple[int, str], ...],
    ) -> Likelihood:
        """Return what a name says that is given as a place abroad: hardly its own country."""
        town_table = self._town_table
        only = town_table.number_of.get(clue.attributes.get("country_code", ""), -1)
        meant = np.zeros(len(town_table.codes))
        if only >= 0 or countries or regions:
            meant[[only] if only >= 0 else [*countries, *(number for number, _ in regions)]] = 1.0
        else:
            np.add.at(meant, town_table.country[towns], self._mentions[towns])
            meant /= meant.sum()
        said = self._describe_name(clue, towns, countries, regions)
        numbers = parameters().names
        own = numbers.own_twins if clue.attributes.get("abroad") == "twins" else numbers.own_abroad
        values = np.log(1.0 - (1.0 - own) * meant)
        return Likelihood("place_name", f"{said}: named as abroad", (clue.id,), values)

    def _far_from(
        self, clue: Clue, towns: Indices, countries: list[int], distance_km: float
    ) -> Likelihood | None:
        """Return what a sign says that gives thousands of km to a place: it stands far from it."""
        if not len(towns):
            return None
        numbers = parameters().names
        largest = int(towns[0])
        around, _ = self._towns_near(largest, numbers.far_share * distance_km)
        said = self._describe_name(clue, towns, countries, ())
        return Likelihood(
            "place_name",
            f"{said}: {distance_km:.0f} km away",
            (clue.id,),
            np.zeros(len(self._town_table.codes)),
            around,
            np.full(len(around), np.log(numbers.near_though_far)),
        )

    def _chance_of_no_place(self, clue: Clue, weights: ContextWeights) -> float:
        """Return P(the words are no place): of the context, and of how well they could be read."""
        numbers = parameters().names
        least, confidence = numbers.least_read, clue.confidence or numbers.usual_confidence
        chance = 1.0 - (1.0 - weights.chance) * (least + (1.0 - least) * confidence)
        mended = {"mark": numbers.mended_mark, "letter": numbers.mended_letter}
        chance = 1.0 - (1.0 - chance) * mended.get(clue.attributes.get("misread", ""), 1.0)
        if "lower_case" in clue.attributes:
            chance = 1.0 - (1.0 - chance) * numbers.lower_case
        return chance

    def _country_base(
        self,
        clue: Clue,
        towns: Indices,
        countries: list[int],
        regions: tuple[tuple[int, str], ...],
        weights: ContextWeights,
        named: float,
    ) -> Floats:
        """Return P(this name is given as a place | country), without what is local."""
        town_table, numbers = self._town_table, parameters().names
        mentions = np.bincount(
            town_table.country[towns], self._mentions[towns], len(town_table.codes)
        )
        within = mentions / self._of_country
        # a country's own name is on its signs; that of a street or a business is as well another's;
        # a region's name counts as a large town's
        named_after = clue.attributes.get("context") in _NAMED_AFTER
        for number in () if named_after else countries:
            within[number] += numbers.own_country
        abroad = mentions.sum() / self._of_world + numbers.country_abroad * len(countries)
        for number, _ in regions:
            within[number] += numbers.own_region
            abroad += numbers.region_abroad
        return np.asarray(named * (weights.country * within + weights.world * abroad))

    def _likelihood_by_chance(
        self, key: str, towns: Indices, countries: list[int], weights: ContextWeights
    ) -> float:
        """Return P(exactly these words | the words are no place).

        Short names and names that many towns share are more often something else; the names of
        famous places are on businesses everywhere.
        """
        numbers = parameters().names
        letters = len(key.replace(" ", ""))
        missing = max(0.0, (8 - letters) if key.isascii() else 2.0 * (4 - letters))
        by_length = numbers.by_chance * 10 ** (numbers.letter_power * missing) * max(1, len(towns))
        largest = float(self._town_table.population[towns].max(initial=0.0))
        if not countries and " " not in key:
            # a word that only a small place bears is more often just a word
            known = numbers.known_town
            by_length *= (known / np.clip(largest, 500.0, known)) ** numbers.obscure_power
        famous = max(largest, numbers.country_population if countries else 0.0)
        fame = weights.fame * min(1.0, famous / numbers.famous_population)
        return float(min(numbers.most_by_chance, max(by_length, weights.least) + fame))

    def _local_shares(
        self,
        towns: Indices,
        regions: tuple[tuple[int, str], ...],
        weights: ContextWeights,
        clue: Clue,
    ) -> list[tuple[Indices, Floats]]:
        """Return P(this name | town) beyond the country's, where it is more."""
        town_table = self._town_table
        parts = [(towns, np.full(len(towns), weights.own))]
        distance_km = float(clue.attributes.get("distance_km", "0"))
        near = towns[:MAX_KERNELS]
        signed = self._signed_shares(near, distance_km)
        for town, of_name in zip(near.tolist(), signed.tolist(), strict=True):
            around, share = (
                self._share_at_distance(town, distance_km)
                if distance_km > 0
                else self._share_around(town)
            )
            parts.append((around, weights.near * of_name * share))
        share_of_region = parameters().names.region_share * (weights.own + weights.near)
        for number, region in regions:
            inside = town_table.towns_of_region(number, region)
            parts.append((inside, np.full(len(inside), share_of_region)))
        return parts

    def _signed_shares(self, towns: Indices, distance_km: float) -> Floats:
        """Return how often signs so far off name each town, over the one they name oftenest.

        A village is on signs of the next villages, a city on those of its region.
        """
        numbers = parameters().names
        if distance_km <= 0 or not len(towns):
            return np.ones(len(towns))
        people = np.maximum(self._town_table.population[towns], 1e3)
        up_to_km = numbers.signed_km * (people / 1e3) ** numbers.signed_power
        share = np.minimum(1.0, up_to_km / distance_km) ** 2
        return np.asarray(share / share.max())

    def _share_at_distance(self, town: int, distance_km: float) -> tuple[Indices, Floats]:
        """Return the towns that a direction sign to a town may stand in, and how likely each is.

        The logarithm of straight over road distance is normal around that of its usual value.
        """
        numbers = parameters().names
        around, away_km = self._towns_near(town, min(_MAX_RADIUS_KM, 1.3 * distance_km + 5))
        ratio = np.log(np.maximum(away_km, 0.5) * numbers.road_over_straight / distance_km)
        return around, numbers.road_share * np.exp(-0.5 * (ratio / numbers.road_spread) ** 2)

    def _share_around(self, town: int) -> tuple[Indices, Floats]:
        """Return the towns around one that may name it, and how likely each is."""
        numbers = parameters().names
        population = float(self._town_table.population[town])
        scale_km = numbers.near_km * (max(population, 1e3) / 1e4) ** numbers.near_power
        scale_km = float(np.clip(scale_km, numbers.near_least_km, numbers.near_most_km))
        around, away_km = self._towns_near(town, 3 * scale_km)
        # a city has larger places around it to name than a village of its outskirts
        others, offset = self._town_table.population[around], numbers.mention_offset
        rank = np.sqrt((population + offset) / (population + others + 2 * offset))
        return around, numbers.near_share * rank * np.exp(-away_km / scale_km)

    def _towns_near(self, town: int, radius_km: float) -> tuple[Indices, Floats]:
        gazetteer = self._town_table.gazetteer
        lat_deg, lon_deg = float(gazetteer.lat_deg[town]), float(gazetteer.lon_deg[town])
        return self._town_table.near(lat_deg, lon_deg, radius_km)

    def _describe_name(
        self,
        clue: Clue,
        towns: Indices,
        countries: list[int],
        regions: tuple[tuple[int, str], ...],
    ) -> str:
        town_table = self._town_table
        meanings = [town_table.gazetteer.countries[number].name for number in countries[:1]]
        meanings += [f"{name} ({town_table.codes[number]})" for number, name in regions[:1]]
        for town in towns[:2].tolist():
            code = town_table.codes[int(town_table.country[town])]
            meanings.append(f"{town_table.gazetteer.name(town)} ({code})")
        more = f" and {len(towns) - 2} more" if len(towns) > 2 else ""
        return f"{clue.text}: {', '.join(dict.fromkeys(meanings))}{more}"


def _likelihood_of(
    town_table: TownTable, base: Floats, where: Indices, value: Floats, said: str, clue: Clue
) -> Likelihood:
    """Return the likelihood of P(name | country), and of what towns have beyond it."""
    return Likelihood(
        source="place_name",
        description=said,
        clue_ids=(clue.id,),
        country=np.log(base),
        towns=where,
        town_log=np.log1p(value / base[town_table.country[where]]),
    )


def _least_far_km(clue: Clue) -> float:
    """Return from which distance on a sign does not stand near a place: sooner on a signpost."""
    numbers = parameters().names
    return numbers.signpost_from_km if SIGNPOST in clue.attributes else numbers.far_from_km


def _weights_of_context(clue: Clue) -> ContextWeights:
    return parameters().contexts.by_context[clue.attributes.get("context", "plain")]


def _doubt_of_name(key: str) -> float:
    """Return how many times likelier than other names a name is no place: a word, a brand."""
    numbers, use = parameters().names, other_use(key)
    if use == NameUse() and len(key) >= numbers.long_letters:
        return numbers.long_doubt
    return float(
        numbers.word_doubt**use.word_class * (numbers.brand_doubt if use.is_brand else 1.0)
    )
