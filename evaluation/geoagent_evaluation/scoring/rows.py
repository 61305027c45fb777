"""What scoring keeps of each photo: a fixed number of bytes, whatever its prediction held."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geoagent_evaluation.contract.places import PlaceCodes, Places
from geoagent_evaluation.contract.tables import Flags, Floats, Kinds, TruthTable, Words
from geoagent_evaluation.scoring.place_match import Ternary, match_places

NUMBERS = (
    "lat_deg", "lon_deg", "distance_km", "probability", "radius_km", "radius_50_km", "energy_km",
    "seconds", "cost",
)  # fmt: skip


@dataclass(slots=True)
class ScoredRows:
    """One row per photo of the truth, in its order; filled batch by batch.

    `missing` photos have no prediction and `failed` ones none that could be read: neither has a
    point. `right[way][level]` says whether the place at a level is right, judged by the codes in
    the files ("codes") or by one of the gazetteer's ways.
    """

    truth: TruthTable
    missing: Flags
    failed: Flags
    abstained: Flags
    level: Ternary  # place in LEVELS, -1 where none is stated
    lat_deg: Floats
    lon_deg: Floats
    distance_km: Floats
    probability: Floats
    radius_km: Floats
    radius_50_km: Floats
    energy_km: Floats
    seconds: Floats
    cost: Floats
    country: Words
    evidence: list[Kinds]
    true: dict[str, PlaceCodes]
    right: dict[str, dict[str, Ternary]]

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def claims(self) -> Flags:
        """Which photos were answered; one whose row broke the contract was answered wrongly."""
        return ~self.abstained & ~self.missing

    @property
    def broken(self) -> Flags:
        """Which photos have a row that broke the contract."""
        return self.failed & ~self.missing


def empty_rows(truth: TruthTable, places: Mapping[str, Places]) -> ScoredRows:
    """Return rows of which nothing is known yet: every photo is missing and has failed."""
    n = len(truth)
    true = {way: _true_places(truth, gazetteer) for way, gazetteer in places.items()}
    true["codes"] = PlaceCodes(truth.country, truth.region, truth.city)
    nowhere = PlaceCodes([None] * n, [None] * n, [None] * n)
    return ScoredRows(
        truth=truth,
        missing=np.ones(n, dtype=np.bool_),
        failed=np.ones(n, dtype=np.bool_),
        abstained=np.zeros(n, dtype=np.bool_),
        level=np.full(n, -1, dtype=np.int8),
        country=[None] * n,
        evidence=[()] * n,
        true=true,
        right={way: dict(match_places(nowhere, codes)) for way, codes in true.items()},
        **{name: np.full(n, np.nan) for name in NUMBERS},
    )


def _true_places(truth: TruthTable, gazetteer: Places) -> PlaceCodes:
    """Return the places of the true points; a country that the truth states is the right one."""
    found = gazetteer.codes(truth.lat_deg, truth.lon_deg)
    country = [
        stated if stated is not None else code
        for stated, code in zip(truth.country, found.country, strict=True)
    ]
    return PlaceCodes(country, found.region, found.city)
