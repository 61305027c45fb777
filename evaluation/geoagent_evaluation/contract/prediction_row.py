"""One prediction, checked against the contract."""

import math
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from geoagent_evaluation.contract.row_checks import (
    NOT_STATED,
    Row,
    RowProblem,
    checked_word,
    flag_field,
    kind_of,
    number_field,
    other_name,
    shown_value,
    word_field,
)
from geoagent_evaluation.contract.tables import CONTINENTS, LEVELS, Kinds

MAX_CANDIDATES: Final = 1000
MAX_EVIDENCE_KINDS: Final = 100
MAX_RADIUS_KM: Final = 20038.0  # half of the equator: no place is farther away
MAX_AMOUNT: Final = 1e12  # seconds or money for one photo
MAX_PROBABILITY_SUM: Final = 1 + 1e-6  # sums of rounded numbers
_PLACE = re.compile(r"[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?|[0-9]{1,10}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")

Candidate = tuple[float, float, float, str | None]  # latitude, longitude, probability, place


class CandidateColumns(NamedTuple):
    """The candidates of one row, a list per field: a tenth of the cost of an object for each."""

    lat_deg: Sequence[float]
    lon_deg: Sequence[float]
    probability: Sequence[float]
    place: Sequence[str | None]


NO_CANDIDATES: Final = CandidateColumns((), (), (), ())


class PredictionRow(NamedTuple):
    """What one row says; NaN and None where it says nothing."""

    id: str
    lat_deg: float
    lon_deg: float
    level: str | None
    probability: float
    radius_km: float
    radius_50_km: float
    abstained: bool
    seconds: float
    cost: float
    country: str | None
    region: str | None
    city: str | None
    candidates: CandidateColumns
    evidence: Kinds
    continent: str | None = None


PREDICTION_FIELDS: Final = PredictionRow._fields


def check_prediction(row: Row) -> PredictionRow:
    """Return a prediction of which every field is what the contract asks for.

    Raises:
        RowProblem: the field and what is wrong with it.
    """
    identity = checked_id(row)
    lat, lon = point_fields(row)
    level = level_field(row, "level")
    abstained = _abstention(flag_field(row, "abstained"), level)
    if lat != lat and not abstained:  # NaN: no point is stated
        raise RowProblem(
            "lat_deg",
            "no point and no abstention: give lat_deg, lon_deg or abstained"
            + other_name(row, "lat_deg"),
        )
    return PredictionRow(
        identity,
        lat,
        lon,
        level,
        number_field(row, "probability", 0, 1),
        number_field(row, "radius_km", 0, MAX_RADIUS_KM),
        number_field(row, "radius_50_km", 0, MAX_RADIUS_KM),
        abstained,
        number_field(row, "seconds", 0, MAX_AMOUNT),
        number_field(row, "cost", 0, MAX_AMOUNT),
        country_field(row),
        word_field(row, "region"),
        word_field(row, "city"),
        _candidates(row.get("candidates")),
        _evidence(row.get("evidence")),
        continent_field(row),
    )


def checked_id(row: Row) -> str:
    """Return the id of a row.

    Raises:
        RowProblem: it has none, or one that is not text.
    """
    identity = word_field(row, "id")
    if identity is None:
        raise RowProblem("id", "is missing")
    return identity


def point_fields(row: Row) -> tuple[float, float]:
    """Return latitude and longitude in degrees, both NaN where neither is stated."""
    lat = number_field(row, "lat_deg", -90, 90)
    lon = number_field(row, "lon_deg", -180, 180)
    if (lat != lat) != (lon != lon):  # NaN: not stated
        missing = "lat_deg" if lat != lat else "lon_deg"
        hint = other_name(row, missing)
        raise RowProblem(missing, f"is missing, and the other coordinate is not{hint}")
    return lat, lon


def level_field(row: Row, name: str) -> str | None:
    """Return one of LEVELS, None where none is stated."""
    value = row.get(name)
    if value is None or (type(value) is str and value in LEVELS):
        return value
    raise RowProblem(name, f"{shown_value(value)} is not one of {', '.join(LEVELS)}")


def country_field(row: Row) -> str | None:
    """Return an ISO 3166-1 alpha-2 code in capitals, None where none is stated."""
    value = word_field(row, "country")
    if value is None:
        return None
    if not _COUNTRY.fullmatch(value):
        raise RowProblem("country", f"{shown_value(value)} is no two-letter code such as PT")
    return value.upper()


def continent_field(row: Row) -> str | None:
    """Return one of the seven codes of continents in capitals, None where none is stated."""
    value = word_field(row, "continent")
    if value is None:
        return None
    if value.upper() not in CONTINENTS:
        codes = ", ".join(CONTINENTS)
        raise RowProblem("continent", f"{shown_value(value)} is not one of {codes}")
    return value.upper()


def _abstention(stated: bool | None, level: str | None) -> bool:
    if level == "none" and stated is False:
        raise RowProblem("abstained", "is false, and level is none")
    if stated and level not in {None, "none"}:
        raise RowProblem("abstained", f"is true, and level is {level}")
    return bool(stated) or level == "none"


def _candidates(given: Any) -> CandidateColumns:
    if given is None:
        return NO_CANDIDATES
    if type(given) is not list:
        raise RowProblem("candidates", f"{shown_value(given)} is {kind_of(given)}, not a list")
    if len(given) > MAX_CANDIDATES:
        raise RowProblem("candidates", f"has {len(given)}, more than {MAX_CANDIDATES}")
    checked = [_plain_candidate(one) or _candidate(one, at) for at, one in enumerate(given)]
    found = CandidateColumns(*zip(*checked, strict=True)) if checked else NO_CANDIDATES
    _check_sum(found.probability)
    return found


def _check_sum(probability: Sequence[float]) -> None:
    total = math.fsum(probability)
    if total <= MAX_PROBABILITY_SUM:
        return
    stated = [value for value in probability if not math.isnan(value)]
    if stated and len(stated) < len(probability):
        raise RowProblem("candidates", "some have a probability and some have none")
    if stated:
        raise RowProblem("candidates", f"their probabilities sum to {total:.6g}, above 1")


def _candidate(given: Any, index: int) -> Candidate:
    try:
        return _checked_candidate(given)
    except RowProblem as fault:
        inside = f".{fault.field}" if fault.field else ""
        raise RowProblem(f"candidates[{index}]{inside}", fault.problem) from fault


def _plain_candidate(given: Any) -> Candidate | None:
    """Return a point with its probability, what most files hold, at a third of the cost."""
    if type(given) is not dict or "place" in given:
        return None
    lat, lon = given.get("lat_deg"), given.get("lon_deg")
    probability = given.get("probability")
    if not type(lat) is type(lon) is type(probability) is float:
        return None
    right = -90 <= lat <= 90 and -180 <= lon <= 180 and 0 <= probability <= 1
    return (lat, lon, probability, None) if right else None


def _checked_candidate(given: Any) -> Candidate:
    if type(given) is str:
        return NOT_STATED, NOT_STATED, NOT_STATED, _place_code(given)
    if type(given) is not dict:
        raise RowProblem("", f"{shown_value(given)} is {kind_of(given)}, not an object")
    lat, lon = point_fields(given)
    place = given.get("place")
    if place is None and lat != lat:  # NaN: no point is stated
        raise RowProblem("", "has neither a point nor a place")
    code = None if place is None else _place_code(place)
    return lat, lon, number_field(given, "probability", 0, 1), code


def _place_code(given: object) -> str:
    code = checked_word(given, "place")
    if not _PLACE.fullmatch(code):
        raise RowProblem("place", f"{shown_value(code)} is no ISO 3166 code and no GeoNames id")
    return code.upper()


def _evidence(given: Any) -> Kinds:
    if given is None:
        return ()
    if type(given) is not list:
        raise RowProblem("evidence", f"{shown_value(given)} is {kind_of(given)}, not a list")
    if len(given) > MAX_EVIDENCE_KINDS:
        raise RowProblem("evidence", f"has {len(given)} kinds, more than {MAX_EVIDENCE_KINDS}")
    return tuple(sorted({checked_word(kind, "evidence") for kind in given}))
