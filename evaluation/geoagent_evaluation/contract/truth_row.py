"""One row of truth, checked against the contract."""

import math
from typing import Final, NamedTuple

from geoagent_evaluation.contract.prediction_row import (
    checked_id,
    country_field,
    level_field,
    point_fields,
)
from geoagent_evaluation.contract.row_checks import (
    Row,
    RowProblem,
    other_name,
    word_field,
)


class TruthRow(NamedTuple):
    """What is known of one photo, NaN and None where it is not: a point, or a country at least."""

    id: str
    lat_deg: float
    lon_deg: float
    country: str | None
    region: str | None
    city: str | None
    permitted_level: str | None
    locatability: str | None
    licence: str | None
    cluster: str | None


TRUTH_FIELDS: Final = TruthRow._fields


def check_truth(row: Row) -> TruthRow:
    """Return a row of truth of which every field is what the contract asks for.

    Raises:
        RowProblem: the field and what is wrong with it.
    """
    identity = checked_id(row)
    lat, lon = point_fields(row)
    country = country_field(row)
    if math.isnan(lat) and country is None:
        hint = other_name(row, "lat_deg")
        raise RowProblem("lat_deg", f"is missing, and there is no country{hint}")
    return TruthRow(
        identity,
        lat,
        lon,
        country,
        word_field(row, "region"),
        word_field(row, "city"),
        level_field(row, "permitted_level"),
        word_field(row, "locatability"),
        word_field(row, "licence"),
        word_field(row, "cluster"),
    )
