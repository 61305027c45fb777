"""Baselines that need no more than what a run has written: `baselines/NAME.jsonl`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from geoagent_evaluation.contract import run_folder
from geoagent_evaluation.contract.tables import CandidateTable, Floats
from geoagent_evaluation.runs.agent import Agent
from geoagent_evaluation.runs.evidence_rows import EvidenceAudit
from geoagent_evaluation.runs.journal import read_rows, replace_rows
from geoagent_evaluation.runs.prediction_row import MIN_COUNTRY_PROBABILITY
from geoagent_evaluation.scoring.baselines import (
    Points,
    best_constant,
    best_constant_left_out,
    densest_reference,
    nearest_reference,
    oracle_candidate,
)
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever

Row = dict[str, Any]
MIN_PLACES = 2


def write_table_baselines(folder: Path, agent: Agent) -> list[str]:
    """Write the baselines that look at no photo, and return their names.

    `best_constant_of_references` is chosen on the index, `best_constant_left_out` for each photo on
    the photos of all other places; `population_prior` is the evidence model without observations;
    `nearest_reference` and `reference_density` look at the similar photos that the run found; the
    `oracle_candidate` knows the truth and chooses among the run's candidates.
    """
    rows = list(read_rows(folder / run_folder.PREDICTIONS))
    ids = [row["id"] for row in rows]
    truth = {row["id"]: row for row in read_rows(folder / run_folder.TRUTH)}
    seen = {row["id"]: row for row in read_rows(folder / run_folder.OBSERVATIONS)}
    made: dict[str, list[Row] | None] = {
        "best_constant_of_references": _constant_of_references(ids, agent),
        "best_constant_left_out": _constant_left_out(ids, truth),
        "population_prior": _population_prior(ids, agent),
        "nearest_reference": _of_references(ids, seen, nearest_reference),
        "reference_density": _of_references(ids, seen, densest_reference),
        "oracle_candidate": _oracle(rows, truth),
    }
    written = {name: found for name, found in made.items() if found is not None}
    for name, found in written.items():
        replace_rows(baseline_file(folder, name), found)
    return list(written)


def baseline_file(folder: Path, name: str) -> Path:
    """Return where the predictions of a baseline lie."""
    return folder / run_folder.BASELINES / f"{name}.jsonl"


def _constant_of_references(ids: Sequence[str], agent: Agent) -> list[Row] | None:
    retriever = agent.toolbox.retriever
    if not isinstance(retriever, FaissRetriever):  # another one need not list its photos
        return None
    references = retriever.table.rows()
    if not references:
        return None
    lat_deg = np.array([one.lat_deg for one in references])
    lon_deg = np.array([one.lon_deg for one in references])
    return _repeat(ids, best_constant(Points(lat_deg, lon_deg)))


def _constant_left_out(ids: Sequence[str], truth: Mapping[str, Row]) -> list[Row] | None:
    placed = [truth[name] for name in ids if "lat_deg" in truth.get(name, ())]
    clusters = [str(row.get("cluster") or row["id"]) for row in placed]
    if len(set(clusters)) < MIN_PLACES:
        return None
    points = _points_of(placed)
    left_out = _rows_of([row["id"] for row in placed], best_constant_left_out(points, clusters))
    others = _repeat(
        [name for name in ids if "lat_deg" not in truth.get(name, ())], best_constant(points)
    )
    rows = {row["id"]: row for row in (*others, *left_out)}
    return [rows[name] for name in ids]


def _population_prior(ids: Sequence[str], agent: Agent) -> list[Row] | None:
    audit = EvidenceAudit.of(agent.toolbox)
    if audit is None:
        return None
    point = audit.model.locate(None, (), ())
    said = {
        "lat_deg": point.lat_deg,
        "lon_deg": point.lon_deg,
        "radius_km": point.radius_km,
        "level": "none",
        "abstained": True,
        "countries": {
            code: share
            for code, share in point.countries.items()
            if share >= MIN_COUNTRY_PROBABILITY
        },
    }
    return [{"id": name, **said} for name in ids]


def _of_references(
    ids: Sequence[str],
    seen: Mapping[str, Row],
    choose: Callable[[Any, Points, Floats], Points],
) -> list[Row] | None:
    found: list[list[Row]] = [seen.get(name, {}).get("references", []) for name in ids]
    if not any(found):
        return None
    every = [reference for references in found for reference in references]
    offsets = np.cumsum([0, *map(len, found)])
    scores = np.array([reference["score"] for reference in every], np.float64)
    return _rows_of(ids, choose(offsets, _points_of(every), scores))


def _oracle(rows: Sequence[Row], truth: Mapping[str, Row]) -> list[Row] | None:
    listed = [row.get("candidates", []) for row in rows]
    if not any(listed):
        return None
    every = [candidate for candidates in listed for candidate in candidates]
    points = _points_of(every)
    table = CandidateTable(
        offsets=np.cumsum([0, *map(len, listed)]),
        lat_deg=points.lat_deg,
        lon_deg=points.lon_deg,
        probability=np.array([one.get("probability", np.nan) for one in every], np.float64),
        place=[one.get("place") for one in every],
    )
    true = _points_of(truth.get(row["id"], {}) for row in rows)
    return _rows_of([row["id"] for row in rows], oracle_candidate(table, true))


def _points_of(rows: Iterable[Mapping[str, Any]]) -> Points:
    pairs = [(row.get("lat_deg", np.nan), row.get("lon_deg", np.nan)) for row in rows]
    degrees = np.array(pairs, np.float64).reshape(-1, 2)
    return Points(degrees[:, 0], degrees[:, 1])


def _repeat(ids: Sequence[str], point: Points) -> list[Row]:
    return _rows_of(ids, point.at(np.zeros(len(ids), np.int64)))


def _rows_of(ids: Sequence[str], points: Points) -> list[Row]:
    """Return a row for each photo: its point, or an abstention where there is none."""
    return [
        {"id": name, "lat_deg": lat, "lon_deg": lon}
        if np.isfinite(lat) and np.isfinite(lon)
        else {"id": name, "abstained": True}
        for name, lat, lon in zip(
            ids, points.lat_deg.tolist(), points.lon_deg.tolist(), strict=True
        )
    ]
