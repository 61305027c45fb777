"""Measure what names are found to mean: right, wrong or unknown, by kind and language.

    python benchmarks/geocode_names.py NAMES.jsonl [--failures FILE]

NAMES is written by tools/draw_place_names.py. A reply is right when its first place, or one of
several that it calls ambiguous, lies in the right country and within the stated distance; wrong
when it names only other places, or any place for a name that does not exist. "Unknown" is a miss,
and no miss for misspelt and made-up names. The failures go to a file, one JSON line each.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from geoagent_graph.geo.found_places import FoundPlace
from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.settings import load_settings


def verdict(row: dict[str, Any], found: list[FoundPlace]) -> str:
    """Return "right", "wrong", "missed" or "rightly unknown"."""
    if not found:
        return "rightly unknown" if row["may_miss"] else "missed"
    meant = [found[0], *(place for place in found[1:] if place.is_ambiguous)]
    return "right" if row["exists"] and any(fits(row, place) for place in meant) else "wrong"


def fits(row: dict[str, Any], place: FoundPlace) -> bool:
    """Say whether a place is where the row says."""
    if not set(place.country_codes) & set(row["country_codes"]):
        return False
    if row["within_km"] is None:
        return True
    away = distance_km(row["lat_deg"], row["lon_deg"], place.lat_deg, place.lon_deg)
    return bool(float(away) <= row["within_km"] + (place.radius_km or 0.0))


def main() -> int:
    """Print the table; return 1 when over 3 % are wrong or fewer than 97 % answered rightly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", type=Path)
    parser.add_argument("--failures", type=Path)
    chosen = parser.parse_args()
    geocoder = open_geocoder(load_settings())
    totals: dict[str, Counter[str]] = {}
    failures = []
    for line in chosen.names.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found = geocoder.find(row["text"])
        said = verdict(row, found)
        for group in ("all", row["kind"], f"language {row['language']}"):
            totals.setdefault(group, Counter())[said] += 1
        if said in ("wrong", "missed"):
            shown = [f"{place.full_name} ({place.kind})" for place in found[:3]]
            failures.append({"verdict": said, **row, "found": shown})
    if chosen.failures:
        lines = (json.dumps(item, ensure_ascii=False) + "\n" for item in failures)
        chosen.failures.write_text("".join(lines), encoding="utf-8")
    for group, counts in totals.items():
        print_row(group, counts)
    every = totals["all"]
    answered = every["right"] + every["rightly unknown"]
    return int(every["wrong"] > 0.03 * every.total() or answered < 0.97 * every.total())


def print_row(group: str, counts: Counter[str]) -> None:
    """Print one line of the table."""
    parts = ", ".join(f"{name} {counts[name]}" for name in ("right", "wrong", "missed"))
    sys.stdout.write(f"{group:18} {counts.total():5}: {parts}, ")
    sys.stdout.write(f"rightly unknown {counts['rightly unknown']}\n")


if __name__ == "__main__":
    sys.exit(main())
