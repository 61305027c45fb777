"""Brands, operators and transit networks: names on signs, and the countries they are in.

From OpenStreetMap's name-suggestion-index. It is never complete, so a country where a name is not
listed keeps a share; names of everywhere are not in the table.
"""

from collections.abc import Sequence

from geoagent_graph.evidence.brands import Brand, brand_table, brands_in
from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.likelihood import Likelihood, country_likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

NAME = "brands"
MAX_BRANDS = 8
_KINDS = {"b": "brand", "o": "operator", "t": "transit network"}


def brand_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return one clue per name; attributes `name` as in the table and `read`, how it was read."""
    found: dict[str, Clue] = {}
    for line in lines:
        for brand, reading in brands_in(line.text).items():
            attributes = {"name": brand.name, "read": reading}
            text = f"{brand.name}: a {_KINDS[brand.kind]}"
            clue = clue_from_line("brand", text, line, NAME, attributes)
            before = found.setdefault(brand.name, clue)
            if reading == "alone" and before.attributes["read"] != "alone":
                found[brand.name] = clue
    return list(found.values())[:MAX_BRANDS]


def brand_likelihood(clue: Clue, town_table: TownTable, *, is_only: bool) -> Likelihood | None:
    """Return what one name says of countries; None for one that the table does not have.

    L(country) = 1 where it is listed, else the chance that the words stand there all the same. The
    only name of a photo is believed less: no single name decides a claim.
    """
    brand = brand_table().get(clue.attributes["name"])
    if brand is None:
        return None
    elsewhere = chance_elsewhere(brand, clue.attributes.get("read", "misread"))
    if is_only:
        elsewhere = max(elsewhere, parameters().brand.only_elsewhere)
    names = [
        town_table.gazetteer.countries[town_table.number_of[code]].name
        for code in brand.countries[:3]
        if code in town_table.number_of
    ]
    more = f" and {len(brand.countries) - 3} more" if len(brand.countries) > 3 else ""
    return country_likelihood(
        town_table,
        dict.fromkeys(brand.countries, 1.0),
        elsewhere,
        source="brand",
        description=f"{clue.text} in {', '.join(names)}{more}",
        clue_ids=(clue.id,),
    )


def chance_elsewhere(brand: Brand, reading: str) -> float:
    """Return P(name | a country where it is not listed) over that where it is, at most 1."""
    weights = parameters().brand
    by_class = {
        "l": weights.long_elsewhere,
        "s": weights.short_elsewhere,
        "m": weights.words_elsewhere,
        "p": weights.place_elsewhere,
    }
    chance = by_class[brand.chance]
    if reading == "misread":
        chance *= weights.misread_factor
    elif reading == "among" and (brand.chance != "l" or " " not in brand.name):
        chance *= weights.among_factor
    return min(1.0, chance)


def _extract_brands(observations: Observations, town_table: TownTable) -> list[Clue]:
    del town_table
    return brand_clues(observations.lines.on_signs)


def _weigh_brands(observations: Observations, town_table: TownTable) -> list[Likelihood]:
    found = observations.of_kind("brand", "name")
    said = (brand_likelihood(clue, town_table, is_only=len(found) == 1) for clue in found)
    return [likelihood for likelihood in said if likelihood is not None]


SOURCE = Source(
    name=NAME,
    kind="brand",
    label=mark("Brand or operator"),
    check="set by hand; checked on words for trades in 60 languages, which are no brands, and on "
    "photos of signs",
    extract=_extract_brands,
    likelihood=_weigh_brands,
    of_one_sign=True,
)
