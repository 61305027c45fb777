"""What scoring costs: rows are drawn, scored in a process of its own, and measured.

    OMP_NUM_THREADS=1 python benchmarks/score_rows.py --rows 100000 --candidates 5

Prints the CPU seconds and the peak memory of the process that scores.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

COUNTRIES = ("PT", "ES", "FR", "IN", "BR", "US", "NG", "AU")
LEVELS = ("continent", "country", "region", "city")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--candidates", type=int, default=5)
    parser.add_argument("--clusters", type=int, default=0, help="0: no clusters")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_rows(Path(folder), args.rows, args.candidates, args.clusters)
        seconds, peak_mb = score_rows(Path(folder))
    print(f"{args.rows} rows, {args.candidates} candidates each, {args.clusters} clusters:")
    print(f"{seconds:.1f} s of CPU, peak memory {peak_mb:.0f} MB")


def write_rows(folder: Path, rows: int, candidates: int, clusters: int) -> None:
    random = np.random.default_rng(1)
    with (folder / "p.jsonl").open("w") as said, (folder / "t.jsonl").open("w") as true:
        for index in range(rows):
            lat, lon = float(random.uniform(-60, 70)), float(random.uniform(-180, 180))
            error = random.normal(0, 5, (candidates + 1, 2)) * random.random()
            truth = {
                "id": f"photo-{index:07}", "lat_deg": lat, "lon_deg": lon,
                "country": COUNTRIES[index % 8], "locatability": "low" if index % 3 else "high",
            }  # fmt: skip
            if clusters:
                truth["cluster"] = f"c{random.integers(clusters)}"
            true.write(json.dumps(truth) + "\n")
            points = np.clip(np.array([lat, lon]) + error, [-90, -180], [90, 180]).tolist()
            said.write(json.dumps(prediction(index, points, random.random(3).tolist())) + "\n")


def prediction(index: int, points: list[list[float]], drawn: list[float]) -> dict[str, object]:
    return {
        "id": f"photo-{index:07}", "lat_deg": points[0][0], "lon_deg": points[0][1],
        "level": LEVELS[index % 4], "probability": drawn[0], "radius_km": 2000 * drawn[1],
        "abstained": False, "seconds": drawn[2], "cost": 0.001, "country": COUNTRIES[index % 7],
        "candidates": [
            {"lat_deg": lat, "lon_deg": lon, "probability": 1 / len(points)}
            for lat, lon in points[1:]
        ],
    }  # fmt: skip


def score_rows(folder: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "geoagent_evaluation", "score", "p.jsonl", "t.jsonl"]
    subprocess.run(
        [*command, "--out", "out"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )  # fmt: skip
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
