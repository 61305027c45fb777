"""Prints how often the offline resolver lands within 25 km, and writes it as CSV.

    python training/bench/resolver_coverage.py --data ../shared/data --out coverage.csv

Two kinds of text: "region; city" of the metadata of photos, without a country, and names of towns
in every language of GeoNames, drawn at random, alone and with their country before them. The
aliases come from the table that the resolver searches, so the figure says how often a name leads to
the right one of its bearers, not how complete GeoNames is.
"""

import argparse
import csv
import json
import random
import sys
from pathlib import Path

import numpy as np
from geoagent_training.rewards.place_names import Fields
from geoagent_training.rewards.places import PlaceResolver

from geoagent_graph.geo.gazetteer import Gazetteer, open_gazetteer
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.settings import load_settings

WITHIN_KM = 25.0
ALIASES = 2000


def main() -> None:
    """Measure and print; exit 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with dev/ and reference/ metadata")
    parser.add_argument("--out", type=Path, help="CSV to write")
    parser.add_argument("--misses", action="store_true", help="print what was not found")
    options = parser.parse_args()
    resolver = PlaceResolver(open_gazetteer(load_settings()))
    sets: dict[str, list[tuple[Fields, float, float]]] = {}
    if options.data:
        for split in ("dev", "reference"):
            path = options.data / split / "metadata.jsonl"
            sets |= metadata_sets(split, path, resolver.gazetteer)
    sets |= alias_sets(resolver.gazetteer)
    rows = [measure(name, entries, resolver, options.misses) for name, entries in sets.items()]
    writer = csv.DictWriter(sys.stdout, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    if options.out:
        with options.out.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def metadata_sets(
    split: str, path: Path, gazetteer: Gazetteer
) -> dict[str, list[tuple[Fields, float, float]]]:
    """Return the distinct "region; city" texts of a metadata file, without and with country."""
    bare: dict[Fields, tuple[float, float]] = {}
    full: dict[Fields, tuple[float, float]] = {}
    for line in path.read_text().splitlines():
        row = json.loads(line)
        region, city = row.get("region") or "", row.get("city") or ""
        if not city:
            continue
        country = gazetteer.country(row["country"]).name
        bare.setdefault(("", region, city), (row["lat"], row["lon"]))
        full.setdefault((country, region, city), (row["lat"], row["lon"]))
    return {
        f"{split}: region; city": [(key, *point) for key, point in bare.items()],
        f"{split}: country; region; city": [(key, *point) for key, point in full.items()],
    }


def alias_sets(gazetteer: Gazetteer) -> dict[str, list[tuple[Fields, float, float]]]:
    """Return 2,000 names of towns with more than 1,000 people, not in ASCII, drawn at random."""
    chooser = random.Random(0)
    drawn: list[tuple[str, int]] = []
    while len(drawn) < ALIASES:
        alias = chooser.randrange(len(gazetteer.aliases))
        name = gazetteer.aliases[alias]
        towns = gazetteer.alias_towns(alias)
        town = int(towns[chooser.randrange(len(towns))])
        if not name.isascii() and gazetteer.population[town] >= 1000:
            drawn.append((name, town))
    alone, with_country = [], []
    for name, town in drawn:
        point = float(gazetteer.lat_deg[town]), float(gazetteer.lon_deg[town])
        country = gazetteer.countries[gazetteer.country_index[town]].name
        alone.append((("", "", name), *point))
        with_country.append(((country, "", name), *point))
    return {"alias alone": alone, "country; alias": with_country}


def measure(
    name: str, entries: list[tuple[Fields, float, float]], resolver: PlaceResolver, misses: bool
) -> dict[str, object]:
    """Return the shares of one set."""
    points = resolver.resolve([fields for fields, _, _ in entries])
    truth = np.array([[lat, lon] for _, lat, lon in entries])
    far = distance_km(points[:, 0], points[:, 1], truth[:, 0], truth[:, 1])
    near = far <= WITHIN_KM
    if misses:
        for (fields, _, _), km, hit in zip(entries, far, near, strict=True):
            if not hit:
                sys.stderr.write(f"{name}: {fields} {km:.0f} km\n")
    return {
        "texts": name,
        "count": len(entries),
        "resolved": round(float(np.isfinite(far).mean()), 4),
        f"within_{WITHIN_KM:.0f}_km": round(float(near.mean()), 4),
    }


if __name__ == "__main__":
    main()
