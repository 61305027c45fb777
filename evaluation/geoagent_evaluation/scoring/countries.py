"""Continent and income group of countries, from a table that is shipped.

Continents are GeoNames' (CC BY 4.0). Income groups are the World Bank's for its fiscal year 2026
(GNI per capita of 2024, as published on 4 January 2026, CC BY 4.0); what it does not classify, such
as Venezuela, Ethiopia and most small territories, is "not classified".
"""

import csv
from functools import cache
from importlib import resources
from typing import NamedTuple

from geoagent_evaluation.contract.tables import Words

NOT_CLASSIFIED = "not classified"


class CountryGroups(NamedTuple):
    """The continent (AF, AN, AS, EU, NA, OC, SA) and the income group of a country."""

    continent: str
    income: str


@cache
def country_groups() -> dict[str, CountryGroups]:
    """Return the groups of every country by its ISO 3166-1 alpha-2 code."""
    text = (resources.files("geoagent_evaluation") / "data" / "countries.csv").read_text("utf-8")
    return {
        row["code"]: CountryGroups(row["continent"], row["income"] or NOT_CLASSIFIED)
        for row in csv.DictReader(text.splitlines())
    }


def continents_of(countries: Words) -> Words:
    """Return the continent of each country, None where the code is none."""
    known = country_groups()
    return [known[code].continent if code in known else None for code in countries]


def incomes_of(countries: Words) -> Words:
    """Return the income group of each country, None where the code is none."""
    known = country_groups()
    return [known[code].income if code in known else None for code in countries]
