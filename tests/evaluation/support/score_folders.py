"""Folders of scores as `score` writes them, of a system that never was: drawn, with a seed."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from geoagent_evaluation.contract.run_folder import trace_file
from geoagent_evaluation.scoring.figures import Curve, Figure, ScoreFile, Unit

from geoagent_graph.geo.sphere import distance_km

CITIES = (
    ("FR", 48.86, 2.35), ("JP", 35.68, 139.69), ("BR", -23.55, -46.63), ("KE", -1.29, 36.82),
    ("US", 40.71, -74.01), ("AU", -33.87, 151.21), ("FJ", -16.8, 179.99), ("IN", 19.08, 72.88),
    ("NO", 59.91, 10.75), ("ZA", -26.2, 28.04), ("MX", 19.43, -99.13), ("NZ", -41.29, 174.78),
    ("EG", 30.04, 31.24), ("TH", 13.75, 100.5), ("CA", 49.28, -123.12), ("AR", -34.6, -58.38),
)  # fmt: skip
CONTINENTS = {
    "EU": {"FR", "NO"}, "AS": {"JP", "IN", "TH"}, "AF": {"KE", "ZA", "EG"},
    "OC": {"AU", "FJ", "NZ"}, "NA": {"US", "MX", "CA"}, "SA": {"BR", "AR"},
}  # fmt: skip
PLACE_LEVELS = ("country", "region", "city")
BASELINES = (
    "best_constant", "population_prior", "without_tools", "only_text", "without_text",
)  # fmt: skip


def drawn_rows(photos: int, seed: int = 0) -> dict[str, Any]:
    """Return the columns of `rows.parquet` for photos in sixteen cities, a third of them known."""
    rng = np.random.default_rng(seed)
    home = rng.integers(0, len(CITIES), photos)
    points = np.array([city[1:] for city in CITIES])
    codes = np.array([city[0] for city in CITIES])
    true = points[home] + rng.normal(0, 0.3, (photos, 2))
    probability = rng.beta(1.2, 1.0, photos)
    known = rng.random(photos) < probability * 0.9
    claimed = np.where(known, home, rng.integers(0, len(CITIES), photos))
    near = np.where(known, 10 ** rng.normal(-0.9, 0.7, photos), 0.5)
    off = rng.normal(0, 1, (photos, 2)) * near[:, None]
    guess = np.where(known[:, None], true, points[claimed]) + off
    guess[:, 0] = np.clip(guess[:, 0], -89, 89)
    distance = distance_km(guess[:, 0], guess[:, 1], true[:, 0], true[:, 1])
    right = codes[claimed] == codes[home]
    abstained = probability < 0.12
    return {
        "id": [f"street/{number:05d}.jpg" for number in range(photos)],
        "failed": np.zeros(photos, bool),
        "abstained": abstained,
        "lat_deg": guess[:, 0], "lon_deg": guess[:, 1],
        "true_lat_deg": true[:, 0], "true_lon_deg": true[:, 1],
        "distance_km": distance,
        "level": ["none" if left else "country" for left in abstained],
        "probability": probability,
        "radius_km": 2000.0 * (1.2 - probability),
        "inside_radius": distance < 2000.0 * (1.2 - probability),
        "country": codes[claimed].tolist(), "true_country": codes[home].tolist(),
        "country_right": right, "region_right": right & (distance < 300),
        "city_right": right & (distance < 40), "claim_right": right,
        "seconds": rng.gamma(4.0, 0.4, photos), "cost": np.zeros(photos),
        "missing": np.zeros(photos, bool), "cluster": codes[home].tolist(),
        "radius_50_km": np.full(photos, np.nan), "energy_km": distance,
        **dict.fromkeys(("permitted_level", "locatability"), [None] * photos),
    }  # fmt: skip


def drawn_score(rows: dict[str, Any], system: str = "evidence policy") -> ScoreFile:
    """Return figures of those rows, of three baselines and of the continents; audits of sources."""
    everyone = np.ones(len(rows["id"]), bool)
    figures = [*_figures(rows, everyone, "all", "")]
    for continent, codes in CONTINENTS.items():
        inside = np.isin(rows["true_country"], list(codes))
        if inside.any():
            figures += _figures(rows, inside, f"continent={continent}", "")
    for level, lowest in (("country", 0.2), ("city", 0.8)):
        figures += _figures(rows, rows["probability"] > lowest, f"level={level}", "")
    for at, baseline in enumerate(BASELINES):
        worse = {**rows, "distance_km": rows["distance_km"] * (at + 2.0) + 400.0}
        figures += _figures(worse, everyone, "all", baseline)
    inputs = {"predictions.jsonl": "5f" * 32, "truth.jsonl": "c0" * 32}
    notes = ("Sixteen cities stand for the world.",)
    curves = (_reliability(rows), _risk_coverage(rows))
    return ScoreFile(system, tuple(figures), curves, inputs, {}, drawn_sources(), notes)


def _figures(rows: dict[str, Any], inside: Any, group: str, system: str) -> list[Figure]:
    distance = rows["distance_km"][inside]
    shares = {f"within_{km}_km": distance < km for km in (1, 25, 200, 750, 2500)}
    shares |= {f"{level}_right": rows[f"{level}_right"][inside] for level in PLACE_LEVELS}
    shares |= {
        "answered": ~rows["abstained"][inside], "claim_right": rows["claim_right"][inside],
        "coverage_90": rows["inside_radius"][inside],
        "finer_than_permitted": rows["probability"][inside] > 0.9,
    }  # fmt: skip
    gap = np.abs(rows["probability"] - rows["claim_right"])[inside]
    score = 5000 * np.exp(-10 * distance / 14916.862)
    return [
        *(_share(metric, right, group, system) for metric, right in shares.items()),
        _mean("median_km", "km", distance, group, system, np.median),
        _mean("mean_km", "km", distance, group, system),
        _mean("geoscore_osv5m", "points", score, group, system),
        _mean("ece_equal_mass", "share", gap / 5, group, system),
        _mean("brier", "share", gap**2, group, system),
        _mean("nll", "nats", -np.log1p(-gap), group, system),
        _mean("aurc", "area", gap / 2, group, system),
        _mean("seconds_median", "seconds", rows["seconds"][inside], group, system, np.median),
    ]


def _mean(
    metric: str, unit: Unit, values: Any, group: str, system: str, middle: Any = np.mean
) -> Figure:
    value, half = float(middle(values)), 2.0 * float(np.std(values)) / np.sqrt(len(values))
    ends = (value - half, value + half)
    return Figure(metric, value, unit, len(values), group, *ends, "bootstrap", system)


def _share(metric: str, right: Any, group: str, system: str) -> Figure:
    share, half = float(np.mean(right)), 0.98 / np.sqrt(len(right))
    ends = (max(0.0, share - half), min(1.0, share + half))
    return Figure(metric, share, "share", len(right), group, *ends, "wilson", system)


def _reliability(rows: dict[str, Any]) -> Curve:
    columns: dict[str, list[float]] = {
        key: [] for key in ("claimed", "observed", "low", "high", "n")
    }
    bins = np.minimum((rows["probability"] * 10).astype(int), 9)
    for number in range(10):
        here = bins == number
        if here.any():
            share, half = float(rows["claim_right"][here].mean()), 0.9 / np.sqrt(here.sum())
            values = (
                float(rows["probability"][here].mean()), share, max(0.0, share - half),
                min(1.0, share + half), float(here.sum()),
            )  # fmt: skip
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
    return Curve("reliability country", columns)


def _risk_coverage(rows: dict[str, Any]) -> Curve:
    order = np.argsort(-rows["probability"], kind="stable")
    wrong = np.cumsum(~rows["claim_right"][order])
    answered = np.arange(1, len(order) + 1)
    columns = {"coverage": (answered / len(order)).tolist(), "risk": (wrong / answered).tolist()}
    return Curve("risk_coverage", columns)


def drawn_sources(curves: int = 1) -> tuple[dict[str, Any], ...]:
    """Return audits of four sources, one of which harms; the first ones have a curve."""
    gains = {"text": 1.92, "languages": 0.71, "phones": 0.38, "brands": -0.31}
    return tuple(
        {
            "source": name, "photos": 300, "spoke": 40 + 9 * at, "helped": 30 - 6 * at,
            "hurt": 2 + 8 * at, "flagged": gain < 0,
            "gain_country": {"mean": gain, "low": gain - 0.2, "high": gain + 0.2, "n": 40 + 9 * at},
            "gain_city": {"mean": gain / 2, "low": gain / 2 - 0.2, "high": gain / 2 + 0.1, "n": 30},
            "reliability": {
                "claimed": [0.05, 0.4, 0.9], "observed": [0.04, 0.46, 0.85], "n": [400, 40, 31],
                "low": [0.03, 0.33, 0.7], "high": [0.06, 0.6, 0.94],
            } if at < curves else {},
        }
        for at, (name, gain) in enumerate(gains.items())
    )  # fmt: skip


def write_score_folder(
    folder: Path, rows: dict[str, Any] | None = None, score: ScoreFile | None = None, **changes: Any
) -> Path:
    """Write a folder of scores and return it; `changes` replace fields of the score file."""
    rows = drawn_rows(60) if rows is None else rows
    score = replace(score or drawn_score(rows), **changes)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "score.json").write_text(json.dumps(asdict(score)), "utf-8", "surrogatepass")
    pq.write_table(pa.table(rows), folder / "rows.parquet")
    return folder


def write_run(folder: Path, ids: list[str]) -> None:
    """Write what a run leaves beside its score: its description, and the traces of some photos."""
    versions = {"geoagent-graph": "0.2.0", "python": "3.11"}
    run = {
        "manifest": "streets.jsonl",
        "date": "2026-01-02",
        "policy": "evidence",
        "versions": versions,
    }
    (folder / "run.json").write_text(json.dumps(run))
    for photo in ids:
        path = trace_file(folder, photo)
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(drawn_trace(photo)))


def drawn_trace(photo: str) -> dict[str, Any]:
    """Return a trace as a run writes it."""
    evidence = [{"source": "languages", "log_lr": 1.4, "reason": "the text is Portuguese"}]
    candidate = {"place": "Brazil", "country": "BR", "probability": 0.81, "evidence": evidence}
    return {
        "id": photo,
        "warnings": ["the file states no position"],
        "candidates": {
            "country": [candidate, {**candidate, "place": "Angola", "probability": 0.1}]
        },
        "steps": [
            {"node": "observe", "level": None, "summary": "3 lines of text"},
            {"node": "judge", "level": "country", "summary": "accepts Brazil"},
        ],
    }
