"""Telephone numbers: as clues, and as a likelihood over countries and dialling areas."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.likelihood import Likelihood, sparse_sum
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Clue

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

CLUE_SOURCE = "phone_numbers"
MAX_NUMBERS = 6
_NUMBER = re.compile(r"(?<![\w.,:])(?:\+|00)?[(]?\d(?:[ ().\-–/]{0,3}\d){6,14}(?![\w%€$£:]|[.,]\d)")
_PHONE_WORD = re.compile(
    r"(?:\b(?:tel|telefon|telefono|teléfono|téléphone|phone|fon|call|mob|mobile|cell|cel|fax|tlf|tfn|"
    r"puh|ph|whatsapp|hotline)\b|тел|τηλ|هاتف|تلفن|電話|电话|전화|โทร|फोन|טל|☎|📞|✆)",
    re.I,
)
_NOT_A_NUMBER = re.compile(
    r"^(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}|(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d"
    r"|\d{1,2}[.]\d{2}\s?[-–]\s?\d{1,2}[.]\d{2}|\d{5}-\d{3,4})$"
)
# 253 217 346 beside "Tel." is a telephone number, by itself it may be an amount
_AMOUNT = re.compile(r"^\d{1,3}(?:[. ]\d{3})+$")


def phone_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return one clue per distinct number.

    Attributes: `number` (digits, with + for international ones), `written` as it stands on the
    sign, `calling_code` where one is given, `called` "1" beside a word like "Tel.".
    """
    found: dict[str, Clue] = {}
    for number, line in enumerate(lines):
        before = lines[number - 1].text if number else ""
        named = bool(_PHONE_WORD.search(line.text) or _PHONE_WORD.search(before[-24:]))
        for written in _numbers_in_text(line.text):
            if not named and _AMOUNT.match(written):
                continue
            digits = re.sub(r"\D", "", written)
            international = written.lstrip("(").startswith(("+", "00"))
            if not named and not international and len(digits) < 8:
                continue
            normal = "+" + digits.removeprefix("00") if international else digits
            attributes = {"number": normal, "written": written} | ({"called": "1"} if named else {})
            code = _code_of_number(normal)
            if international and not code:
                continue
            if code:
                attributes["calling_code"] = code
            found.setdefault(
                normal,
                clue_from_line("phone", f"telephone {written}", line, CLUE_SOURCE, attributes),
            )
    return list(found.values())[:MAX_NUMBERS]


def phone_likelihood(clue: Clue, town_table: TownTable) -> Likelihood | None:
    """Return what one number says; None when no country has such numbers."""
    readings = dict(_readings_by_country(clue, town_table))
    if not readings:
        return None
    weights = parameters().phone
    international = "calling_code" in clue.attributes
    elsewhere = weights.foreign if international else weights.odd_format
    country = np.full(len(town_table.codes), elsewhere)
    areas: list[tuple[Indices, Floats]] = []
    for number, (likelihood, area) in readings.items():
        country[number] = likelihood
        towns = _towns_of_area(area, number, town_table)
        if len(towns):
            areas.append(
                (towns, np.full(len(towns), np.log(_area_ratio(towns, number, town_table))))
            )
            country[number] *= 1 - weights.area
    if not international and "called" not in clue.attributes:
        country = weights.number * country + (1 - weights.number) * country.mean()
    where, value = sparse_sum(areas)
    return Likelihood(
        source="phone",
        description=_describe_number(clue, readings, town_table),
        clue_ids=(clue.id,),
        country=np.log(country),
        towns=where,
        town_log=value,
        meaning_by_country=_areas_by_country(readings, town_table),
    )


def _numbers_in_text(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(text):
        written = match[0].strip()
        if not _NOT_A_NUMBER.match(written):
            yield written


def _code_of_number(number: str) -> str:
    import phonenumbers

    if not number.startswith("+"):
        return ""
    for length in (1, 2, 3):
        if int(number[1 : 1 + length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return number[1 : 1 + length]
    return ""


def _readings_by_country(
    clue: Clue, town_table: TownTable
) -> Iterator[tuple[int, tuple[float, str]]]:
    """Yield (country, (P(number as written | country), name of its dialling area))."""
    import phonenumbers

    number, code = clue.attributes["number"], clue.attributes.get("calling_code")
    regions: Sequence[str] = sorted(phonenumbers.SUPPORTED_REGIONS)
    if code:
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    for region in regions:
        if region not in town_table.number_of:
            continue
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        valid = phonenumbers.is_valid_number_for_region(parsed, region)
        likelihood = _likelihood_of_reading(clue, parsed, valid=valid, international=bool(code))
        if likelihood is not None:
            area = _area_name(parsed, valid=valid)
            yield town_table.number_of[region], (likelihood, area)


def _likelihood_of_reading(
    clue: Clue, parsed: "PhoneNumber", *, valid: bool, international: bool
) -> float | None:
    import phonenumbers

    if international:
        return 1.0 if valid else parameters().phone.invalid_international
    if not valid:
        return None
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    weights = parameters().phone
    same = _digit_groups(national) == _digit_groups(clue.attributes["written"])
    return 1.0 if same else weights.other_grouping


def _digit_groups(written: str) -> list[str]:
    groups = re.findall(r"\d+", written)
    # a trunk prefix may stand alone, in brackets, or not at all
    if groups and groups[0] in ("0", "8", "1"):
        groups = groups[1:]
    elif groups:
        groups[0] = groups[0].removeprefix("0")
    return groups


def _area_name(parsed: "PhoneNumber", *, valid: bool) -> str:
    from phonenumbers import geocoder

    if not valid:
        return ""
    return str(geocoder.description_for_valid_number(parsed, "en", region=None) or "")


def _towns_of_area(area: str, country: int, town_table: TownTable) -> Indices:
    """Return the towns around those that a dialling area is named after."""
    found: list[Indices] = []
    for part in re.split(r"[/,&()]| and ", area)[:4]:
        towns = town_table.gazetteer.matches(fold(part)) if part.strip() else ()
        here = [int(town) for town in towns if town_table.country[town] == country][:1]
        for town in here:
            lat, lon = town_table.gazetteer.lat_deg[town], town_table.gazetteer.lon_deg[town]
            found.append(town_table.near(float(lat), float(lon), parameters().phone.area_km)[0])
    if not found:
        return np.empty(0, dtype=np.int64)
    towns_found = np.unique(np.concatenate(found))
    inside: Indices = towns_found[town_table.country[towns_found] == country]
    return inside


def _area_ratio(towns: Indices, country: int, town_table: TownTable) -> float:
    """Return P(this area | town in it) over P(this area | town elsewhere in the country)."""
    everyone = float(town_table.population[town_table.towns_of(country)].sum())
    least = parameters().phone.least_area
    share = max(least, float(town_table.population[towns].sum()) / max(everyone, 1.0))
    kept = parameters().phone.area
    return (kept / share + (1 - kept)) / (1 - kept)


def _describe_number(
    clue: Clue, readings: dict[int, tuple[float, str]], town_table: TownTable
) -> str:
    names = [town_table.gazetteer.countries[number].name for number in readings]
    if len(names) <= 3:
        return f"{clue.text}: a number of {', '.join(names)}"
    return f"{clue.text}: a number that fits the plans of {len(names)} countries"


def _areas_by_country(
    readings: dict[int, tuple[float, str]], town_table: TownTable
) -> dict[str, str]:
    """Return country code -> what the number means there."""
    found = {}
    for number, (_, area) in readings.items():
        country = town_table.gazetteer.countries[number]
        if area and fold(area) != fold(country.name):
            found[country.code] = f"there of {area}"
    return found


def _extract_numbers(observations: Observations, town_table: TownTable) -> list[Clue]:
    del town_table
    return phone_clues(observations.lines.on_signs)


def _weigh_numbers(observations: Observations, town_table: TownTable) -> list[Likelihood]:
    found = observations.of_kind("phone", "number")
    said = (phone_likelihood(clue, town_table) for clue in found)
    return [likelihood for likelihood in said if likelihood is not None]


SOURCE = Source(
    name="phones",
    kind="phone",
    label="Telephone number",
    check="set by hand; checked on drawn signs and by the tests' signs with numbers",
    extract=_extract_numbers,
    likelihood=_weigh_numbers,
    of_one_sign=True,
)
