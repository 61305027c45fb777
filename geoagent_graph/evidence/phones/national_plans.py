"""Which countries' numbering plans a number fits, and how well as it is written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.phones.dialling_areas import AreaPrefix, area_prefix
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.types import Clue

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_TRUNK = "0"
_MAX_TRUNK_DIGITS = 3
"""Digits that may stand before the national number without a country code: "06" in Hungary."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as one of a country: P(written so | a number of it), and the prefix of its area."""

    country: int
    region: str
    likelihood: float
    valid: bool
    prefix: AreaPrefix | None


def readings_of_number(clue: Clue, town_table: TownTable) -> list[Reading]:
    """Return how a number may be read, one reading per country whose plan it fits.

    An international number that no country of its calling code has is read in all of them.
    """
    found = list(_readings(clue, town_table))
    return [reading for reading in found if reading.valid] or found


def likelihood_by_country(clue: Clue, readings: Sequence[Reading], town_table: TownTable) -> Floats:
    """Return P(number as written | country), shape [countries].

    A number without a country code may be one of elsewhere, misread or none at all, and then fits
    a plan by chance, the more often the more plans it fits. So one that many plans have says less.
    """
    weights, count = parameters().phone, len(town_table.codes)
    if "calling_code" in clue.attributes:
        country = np.full(count, weights.foreign)
        for reading in readings:
            country[reading.country] = reading.likelihood
        return country
    by_chance = max(weights.odd_format, weights.fits_by_chance * len(readings) / count)
    country = np.full(count, by_chance)
    for reading in readings:
        country[reading.country] = max(by_chance, reading.likelihood)
    if "called" not in clue.attributes:
        country = weights.number * country + (1 - weights.number) * country.mean()
    return country


def _readings(clue: Clue, town_table: TownTable) -> Iterator[Reading]:
    import phonenumbers

    phonenumbers.enable_pattern_cache()  # two numbers use more patterns than `re` keeps
    number, code = clue.attributes["number"], clue.attributes.get("calling_code")
    regions: Sequence[str] = sorted(phonenumbers.SUPPORTED_REGIONS)
    if code:
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    for region in regions:
        if region not in town_table.number_of or not (code or _may_fit(number, region)):
            continue
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        valid = phonenumbers.is_valid_number_for_region(parsed, region)
        likelihood = _likelihood(clue, parsed, valid=valid, international=bool(code))
        if likelihood is not None:
            prefix = area_prefix(parsed) if valid else None
            yield Reading(town_table.number_of[region], region, likelihood, valid, prefix)


def _may_fit(number: str, region: str) -> bool:
    """Say whether a number without a country code has a length that a plan knows.

    That saves most plans the regular expressions of libphonenumber.
    """
    import phonenumbers

    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    plan = metadata.general_desc if metadata else None
    lengths = plan.possible_length if plan else ()
    return any(0 <= len(number) - length <= _MAX_TRUNK_DIGITS for length in lengths)


def _likelihood(
    clue: Clue, parsed: "PhoneNumber", *, valid: bool, international: bool
) -> float | None:
    """Return P(written so | a number of the country); None for one that its plan does not have."""
    import phonenumbers

    weights, written = parameters().phone, clue.attributes["written"]
    if international:
        return 1.0 if valid else weights.invalid_international
    if not valid:
        return None
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    groups = _digit_groups(written)
    # digits in one block are grouped in no country's way
    same = len(groups) == 1 or _digit_groups(national) == groups
    trunk = _has_trunk(written) or not _has_trunk(national)
    return (1.0 if same else weights.other_grouping) * (1.0 if trunk else weights.without_trunk)


def _has_trunk(written: str) -> bool:
    return re.sub(r"\D", "", written).startswith(_TRUNK)


def _digit_groups(written: str) -> list[str]:
    groups = re.findall(r"\d+", written)
    # a trunk prefix may stand alone, in brackets, or not at all
    if groups and groups[0] in ("0", "8", "1"):
        groups = groups[1:]
    elif groups:
        groups[0] = groups[0].removeprefix("0")
    return groups
