"""Predictions are joined with the truth by id, a batch at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern

import numpy as np

from geoagent_evaluation.contract.open_rows import refusal
from geoagent_evaluation.contract.places import PlaceCodes, Places
from geoagent_evaluation.contract.read_predictions import (
    Faults,
    PredictionBatch,
    prediction_batches,
)
from geoagent_evaluation.contract.row_checks import RowProblem, shown_value
from geoagent_evaluation.contract.tables import LEVELS, Ints, PredictionTable, TruthTable
from geoagent_evaluation.errors import ContractError
from geoagent_evaluation.metrics.energy import energy_scores, half_mass_radius_km
from geoagent_evaluation.metrics.sphere import distance_km
from geoagent_evaluation.scoring.place_match import match_places
from geoagent_evaluation.scoring.rows import NUMBERS, ScoredRows, empty_rows

LEVEL_PLACE = {level: place for place, level in enumerate(LEVELS)}
_COPIED = ("lat_deg", "lon_deg", "probability", "radius_km", "seconds", "cost")


@dataclass(slots=True)
class Join:
    """Photos of the truth with what is known of their predictions, and what did not fit."""

    rows: ScoredRows
    faults: Faults = field(default_factory=Faults)
    repeated: set[int] = field(default_factory=set)  # photos with several rows
    unknown: int = 0  # rows whose id the truth does not have
    nameless: int = 0  # rows whose id cannot be read


def join_file(path: Path, truth: TruthTable, lenient: bool, places: Mapping[str, Places]) -> Join:
    """Return the photos of the truth with the predictions of a file.

    A photo without a prediction is missing. With `lenient`, rows that break the contract and ids
    that come twice are failures, and ids that the truth does not have are counted and left out;
    without, each of them is an error.

    Raises:
        ContractError: file, row and field of what breaks the contract.
    """
    joined = Join(empty_rows(truth, places))
    place_of = {identity: place for place, identity in enumerate(truth.ids)}
    named: set[str] = set()
    for batch in prediction_batches(path, lenient, joined.faults):
        kept, photos = _photos_of(batch, place_of, joined, path, lenient)
        _fill(joined.rows, batch.table, kept, photos, places)
        named |= _named_levels(batch.table)
    if joined.rows.missing.all() and not lenient:
        raise ContractError(f"{path}: holds no row")
    _fail_photos(joined.rows, np.array(sorted(joined.repeated), dtype=np.int64))
    for level in {"country", "region", "city"} - named:
        joined.rows.right["codes"][level].fill(-1)
    if not named & {"continent", "country"}:
        joined.rows.right["codes"]["continent"].fill(-1)
    return joined


def _named_levels(table: PredictionTable) -> set[str]:
    levels = ("continent", "country", "region", "city")
    return {level for level in levels if any(word is not None for word in getattr(table, level))}


def _photos_of(
    batch: PredictionBatch, place_of: Mapping[str, int], joined: Join, path: Path, lenient: bool
) -> tuple[Ints, Ints]:
    """Return which rows of a batch are kept and which photos of the truth they are of."""
    kept, photos = [], []
    for index, identity in enumerate(batch.table.ids):
        photo = place_of.get(identity)
        if photo is None:
            _count_stranger(identity, batch.rows[index], joined, path, lenient)
        elif joined.rows.missing[photo]:
            joined.rows.missing[photo] = False
            kept.append(index)
            photos.append(photo)
        else:
            _fail_repeated(photo, batch.rows[index], joined, path, lenient)
    return np.array(kept, dtype=np.int64), np.array(photos, dtype=np.int64)


def _count_stranger(identity: str, row: int, joined: Join, path: Path, lenient: bool) -> None:
    if not identity:
        joined.nameless += 1
        return
    if not lenient:
        problem = RowProblem("id", f"{shown_value(identity)} is not in the truth")
        raise refusal(path, row, problem)
    joined.unknown += 1


def _fail_repeated(photo: int, row: int, joined: Join, path: Path, lenient: bool) -> None:
    problem = RowProblem("id", f"{shown_value(joined.rows.truth.ids[photo])} has come before")
    if not lenient:
        raise refusal(path, row, problem)
    joined.faults.add(path, row, problem)
    joined.repeated.add(photo)


def _fill(
    rows: ScoredRows, table: PredictionTable, kept: Ints, photos: Ints, places: Mapping[str, Places]
) -> None:
    for name in _COPIED:
        getattr(rows, name)[photos] = getattr(table, name)[kept]
    lat, lon = table.lat_deg, table.lon_deg
    true_lat, true_lon = (np.full(len(table), np.nan) for _ in range(2))
    true_lat[kept], true_lon[kept] = rows.truth.lat_deg[photos], rows.truth.lon_deg[photos]
    rows.distance_km[photos] = distance_km(lat, lon, true_lat, true_lon)[kept]
    energy = energy_scores(table.candidates, lat, lon, true_lat, true_lon)
    rows.energy_km[photos] = energy[kept]
    half = half_mass_radius_km(table.candidates, lat, lon)
    stated = table.radius_50_km
    rows.radius_50_km[photos] = np.where(np.isnan(stated), half, stated)[kept]
    rows.failed[photos] = table.failed[kept]
    rows.abstained[photos] = table.abstained[kept]
    rows.level[photos] = [LEVEL_PLACE.get(table.level[index] or "", -1) for index in kept]
    for index, photo in zip(kept.tolist(), photos.tolist(), strict=True):
        rows.evidence[photo] = table.evidence[index]
        country = table.country[index]
        rows.country[photo] = None if country is None else intern(country)
    _match_batch(rows, table, kept, photos, places)


def _match_batch(
    rows: ScoredRows, table: PredictionTable, kept: Ints, photos: Ints, places: Mapping[str, Places]
) -> None:
    said = PlaceCodes(table.country, table.region, table.city, table.continent)
    answers = {"codes": said} | {
        way: gazetteer.codes(table.lat_deg, table.lon_deg) for way, gazetteer in places.items()
    }
    for way, predicted in answers.items():
        chosen = _chosen_places(predicted, kept)
        for level, right in match_places(chosen, _chosen_places(rows.true[way], photos)).items():
            rows.right[way][level][photos] = right


def _chosen_places(codes: PlaceCodes, indices: Ints) -> PlaceCodes:
    rows = indices.tolist()
    country, region, city = (
        [column[index] for index in rows] for column in (codes.country, codes.region, codes.city)
    )
    continent = codes.continent
    stated = None if continent is None else [continent[index] for index in rows]
    return PlaceCodes(country, region, city, stated)


def _fail_photos(rows: ScoredRows, photos: Ints) -> None:
    """Take back what several rows said of one photo: which of them is meant?"""
    for name in NUMBERS:
        getattr(rows, name)[photos] = np.nan
    rows.failed[photos] = True
    rows.abstained[photos] = False
    rows.level[photos] = -1
    for levels in rows.right.values():
        for right in levels.values():
            right[photos] = np.minimum(right[photos], 0)
