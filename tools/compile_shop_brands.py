"""Compiles the names of brands of shops, restaurants and what they sell, wherever they are.

    python -m tools.compile_shop_brands NAME_SUGGESTION_INDEX

NAME_SUGGESTION_INDEX is the unpacked npm package `name-suggestion-index` (BSD-3-Clause). Writes
`geoagent_graph/data/evidence/shop_brands.txt.gz`, a folded name a line. A town below such a name is
where its maker is at home as often as where the shop stands. Banks, fuel and offices are left out:
the town on their signs is that of the branch; so are names of fewer than `MIN_LETTERS` letters.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from geoagent_graph.evidence import tables
from geoagent_graph.geo.names import fold

TABLE = Path(tables.__file__).parents[1] / "data" / "evidence" / "shop_brands.txt.gz"
MIN_LETTERS = 3
GROUPS = ("brands/shop/", "brands/amenity/cafe", "brands/amenity/fast_food",
          "brands/amenity/restaurant", "brands/amenity/ice_cream", "brands/craft/")  # fmt: skip
LEFT_OUT = ("brands/shop/supermarket", "brands/shop/convenience", "brands/shop/lottery",
            "brands/shop/car_repair", "brands/shop/travel_agency")  # fmt: skip
TAGS = ("name", "brand", "short_name", "alt_name")


def brand_names(index: Path) -> Iterator[str]:
    """Yield the folded names of the brands of `GROUPS`, in every writing that the index has."""
    groups = json.loads((index / "dist/json/nsi.min.json").read_text("utf-8"))["nsi"]
    for path, group in groups.items():
        if not path.startswith(GROUPS) or path in LEFT_OUT:
            continue
        for item in group["items"]:
            for tag, value in (*item["tags"].items(), ("name", item["displayName"])):
                if tag.split(":")[0] in TAGS:
                    yield from map(fold, str(value).split(";"))


def main() -> None:
    """Compile the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path)
    arguments = parser.parse_args()
    names = sorted({
        name
        for name in brand_names(arguments.index)
        if sum(map(str.isalpha, name)) >= (MIN_LETTERS if name.isascii() else 2)
    })  # fmt: skip
    TABLE.write_bytes(gzip.compress("\n".join(names).encode("utf-8"), 9, mtime=0))
    print(f"{len(names)} names, {TABLE.stat().st_size / 1000:.0f} kB: {TABLE}")


if __name__ == "__main__":
    main()
