"""What scoring returns: every figure with its interval, curves, and one row per photo.

`ScoreFile` is written as `score.json` and read again by `compare` and `report`; `rows.parquet`
beside it has the columns of `ROW_COLUMNS`.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

SCORE_SCHEMA = "geoagent-score/1"
Unit = Literal["share", "km", "points", "nats", "seconds", "cost", "count", "area"]
IntervalMethod = Literal["wilson", "bootstrap", "cluster bootstrap"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: which metric, of which group of photos, its 95 % interval, over how many.

    `metric` is the name that the table of metrics explains ("within_25_km"). `group` is "all" or
    "kind=value" ("continent=EU"). `low` and `high` are None where no interval is meant (a count).
    """

    metric: str
    value: float
    unit: Unit
    n: int
    group: str = "all"
    low: float | None = None
    high: float | None = None
    interval: IntervalMethod | None = None
    system: str = ""  # empty for what was scored, else the baseline's name


@dataclass(frozen=True, slots=True)
class Curve:
    """Points to draw: "reliability country", "risk_coverage", "error_histogram".

    `columns` are arrays of one length by name, e.g. {"claimed": ..., "observed": ..., "n": ...,
    "low": ..., "high": ...}.
    """

    name: str
    columns: dict[str, list[float]]
    group: str = "all"
    system: str = ""


ROW_COLUMNS = (
    "id", "failed", "abstained", "lat_deg", "lon_deg", "true_lat_deg", "true_lon_deg",
    "distance_km", "level", "probability", "radius_km", "inside_radius", "country",
    "true_country", "country_right", "region_right", "city_right", "claim_right", "seconds", "cost",
    "missing", "cluster", "radius_50_km", "energy_km", "permitted_level", "locatability",
)  # fmt: skip
"""The columns of `rows.parquet`; null where a row says nothing. A missing photo has failed too."""


ROW_WORDS = frozenset(
    ("id", "level", "country", "true_country", "cluster", "permitted_level", "locatability")
)
"""Which of them hold words."""


@dataclass(frozen=True, slots=True)
class ScoreFile:
    """All that is known after scoring one file of predictions.

    `sources` are the audits of the sources of evidence, empty where the run did not write
    them; `inputs` names each file read, with its SHA-256; `problems` counts what was found wrong.
    """

    system: str
    figures: tuple[Figure, ...]
    curves: tuple[Curve, ...]
    inputs: dict[str, str]
    problems: dict[str, int] = field(default_factory=dict)
    sources: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    schema: str = SCORE_SCHEMA
