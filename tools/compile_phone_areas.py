"""Compiles the areas of telephone prefixes from the installed package `phonenumbers`.

    python -m tools.compile_phone_areas

Writes `geoagent_graph/data/evidence/phone_areas.npz`: `version` of the package (libphonenumber's
geocoding data, Apache-2.0); `steps`, the differences of the keys of the sorted prefixes
(`area_table.key_of`); `texts`, which description each has; `descriptions`, UTF-8, a line each: the
English one, or another where there is none.
"""

from importlib import metadata
from pathlib import Path

import numpy as np
from phonenumbers.geodata import GEOCODE_DATA, GEOCODE_LONGEST_PREFIX

from geoagent_graph.evidence import tables
from geoagent_graph.evidence.phones.area_table import MAX_PREFIX_DIGITS, key_of

TABLE = Path(tables.__file__).parents[1] / "data" / "evidence" / "phone_areas.npz"


def area_descriptions() -> dict[str, str]:
    """Return prefix -> description, sorted by the digits."""
    return {
        prefix: texts.get("en") or next(iter(texts.values()))
        for prefix, texts in sorted(GEOCODE_DATA.items())
    }


def main() -> None:
    """Compile the table."""
    if GEOCODE_LONGEST_PREFIX > MAX_PREFIX_DIGITS:
        raise SystemExit(f"prefixes have up to {GEOCODE_LONGEST_PREFIX} digits now")
    found = area_descriptions()
    numbers = {text: number for number, text in enumerate(dict.fromkeys(found.values()))}
    keys = np.array([key_of(prefix) for prefix in found], dtype=np.int64)
    np.savez_compressed(
        TABLE,
        version=np.array(metadata.version("phonenumbers")),
        steps=np.diff(keys, prepend=0),
        texts=np.array([numbers[text] for text in found.values()], dtype=np.uint16),
        descriptions=np.frombuffer("\n".join(numbers).encode("utf-8"), dtype=np.uint8),
    )
    print(f"{len(found)} prefixes, {TABLE.stat().st_size / 1000:.0f} kB: {TABLE}")


if __name__ == "__main__":
    main()
