"""Predictions and truth in memory: one array per field, one row per photo, in the file's order.

What a row does not say is NaN in a column of numbers and None in a column of words.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LEVELS = ("none", "continent", "country", "region", "city")
"""How finely a prediction claims or a photo may be located, coarse to fine."""

CONTINENTS = ("AF", "AN", "AS", "EU", "NA", "OC", "SA")
"""Codes of continents, as GeoNames writes them."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = list[str | None]
Kinds = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CandidateTable:
    """The candidates of all rows, one after the other.

    Row `i` has the candidates `offsets[i]:offsets[i + 1]`. A candidate is a point, a place code
    (ISO 3166-1, ISO 3166-2 or a GeoNames id), or both; `probability` of a row sums to at most 1.
    """

    offsets: Ints  # [n + 1]
    lat_deg: Floats  # [m], NaN where a place code stands alone
    lon_deg: Floats  # [m]
    probability: Floats  # [m], NaN in a row whose candidates are samples of equal weight
    place: Words  # [m]

    def row(self, index: int) -> slice:
        """Return where the candidates of a row are."""
        return slice(int(self.offsets[index]), int(self.offsets[index + 1]))


@dataclass(frozen=True, slots=True)
class PredictionTable:
    """What a system said of each photo.

    `failed` marks rows that broke the contract and were read with `lenient`: they count as the
    worst that a row can be (no point, a claim made with certainty that is wrong) and are never
    dropped; the id of one whose id cannot be read is empty. An abstention may have a point; it
    counts as that point where figures are "over all photos", and as no claim where figures
    are "of claims".
    """

    ids: list[str]
    lat_deg: Floats  # [n]
    lon_deg: Floats  # [n]
    level: Words  # [n], one of LEVELS
    probability: Floats  # [n], that the claim at `level` is right
    radius_km: Floats  # [n], should hold the truth in nine of ten cases
    abstained: Flags  # [n]
    failed: Flags  # [n]
    seconds: Floats  # [n]
    cost: Floats  # [n], in the unit that the file's reader was told, dollars by default
    country: Words  # [n], ISO 3166-1 alpha-2 that the system named itself
    region: Words  # [n], ISO 3166-2 or a name
    city: Words  # [n], GeoNames id or a name
    candidates: CandidateTable
    radius_50_km: Floats = field(default_factory=lambda: np.empty(0))  # [n], one case of two
    evidence: list[Kinds] = field(default_factory=list)  # [n], the kinds of evidence it rests on
    continent: Words = field(default_factory=list)  # [n], one of CONTINENTS

    def __post_init__(self) -> None:
        if not len(self.radius_50_km):
            object.__setattr__(self, "radius_50_km", np.full(len(self.ids), np.nan))
        if not self.evidence:
            object.__setattr__(self, "evidence", [()] * len(self.ids))
        if not self.continent:
            object.__setattr__(self, "continent", [None] * len(self.ids))

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class TruthTable:
    """What is known of each photo."""

    ids: list[str]
    lat_deg: Floats  # [n]
    lon_deg: Floats  # [n]
    country: Words  # [n], ISO 3166-1 alpha-2
    region: Words  # [n], ISO 3166-2 or a name
    city: Words  # [n], GeoNames id or a name
    permitted_level: Words  # [n], the finest of LEVELS this photo may be located to
    locatability: Words  # [n], any classes: a curve is drawn per class
    licence: Words  # [n]
    cluster: Words  # [n], photos of one place or event: resampled together

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A row that broke the contract: `row` counts from 1 in the file, a table's head included.

    `field` is empty where the row could not be read at all.
    """

    file: str
    row: int
    field: str
    problem: str
