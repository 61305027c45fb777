"""Compiles which names of places are words or brands as well.

    python tools/compile_name_words.py WORD_LISTS NAME_SUGGESTION_INDEX

WORD_LISTS is `wordfreq/data` of the unpacked `wordfreq` wheel (Apache-2.0, lists CC BY-SA 4.0),
NAME_SUGGESTION_INDEX the unpacked npm package (BSD-3-Clause). Writes
`geoagent_graph/data/evidence/name_words.tsv.gz`: a folded name of a town, a region or a country per
line, the class of how much oftener it is written as a word than a place of its size would be
(`word_class`), and 1 where a brand has the name. No frequency of a word is stored.
"""

import argparse
import gzip
import json
import math
from collections.abc import Iterator
from pathlib import Path

import ormsgpack

from geoagent_graph.evidence import tables
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.geo.names import fold
from geoagent_graph.settings import load_settings

TABLE = Path(tables.__file__).parents[1] / "data" / "evidence" / "name_words.tsv.gz"
MIN_LETTERS = 3
MIN_ZIPF = 2.5
MAX_CLASS = 4
USUAL_ZIPF = 4.4
USUAL_POPULATION = 1e5
ZIPF_PER_DECADE = 0.6


def words_by_frequency(folder: Path) -> dict[str, float]:
    """Return folded word -> the logarithm of how often it is in a billion, in any language."""
    languages = {path.name.split("_")[1].split(".")[0] for path in folder.glob("small_*.gz")}
    best: dict[str, float] = {}
    for language in sorted(languages):
        path = folder / f"large_{language}.msgpack.gz"
        path = path if path.exists() else folder / f"small_{language}.msgpack.gz"
        for word, zipf in read_list(path):
            key = fold(word)
            best[key] = max(best.get(key, 0.0), zipf)
    return best


def read_list(path: Path) -> Iterator[tuple[str, float]]:
    """Yield the words of one list; the n-th group has those of 10 ** (-n / 100)."""
    _, *groups = ormsgpack.unpackb(gzip.decompress(path.read_bytes()))
    for number, group in enumerate(groups):
        zipf = 9 - number / 100
        if zipf < MIN_ZIPF:
            return
        yield from ((word, zipf) for word in group if len(word) >= MIN_LETTERS)


def brand_names(index: Path) -> set[str]:
    """Return the folded names of brands, in every writing that the index has."""
    items = json.loads((index / "dist/json/nsi.min.json").read_text("utf-8"))["nsi"]
    return {
        fold(str(value))
        for path, category in items.items()
        if path.startswith("brands/")
        for item in category["items"]
        for tag, value in (*item["tags"].items(), ("name", item["displayName"]))
        if tag.split(":")[0] in ("name", "brand", "short_name", "alt_name")
    }


def word_class(zipf: float, population: float) -> int:
    """Return how many powers of ten a word is oftener than the name of a place of this size.

    Of 58,000 names of towns that are in the lists, those of 100,000 people that are no words (Umeå,
    Bergamo, Szeged) are at 4.4 to 4.9 in the language of their country; half a power is left over.
    """
    usual = USUAL_ZIPF + ZIPF_PER_DECADE * (math.log10(max(population, 1e3) / USUAL_POPULATION))
    return min(MAX_CLASS, max(0, math.ceil(2 * (zipf - usual - 0.5))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("word_lists", type=Path)
    parser.add_argument("name_suggestion_index", type=Path)
    arguments = parser.parse_args()
    town_table = TownTable.of(open_gazetteer(load_settings()))
    words, brands = (
        words_by_frequency(arguments.word_lists),
        brand_names(arguments.name_suggestion_index),
    )
    rows = []
    for key in sorted(set(words) | brands):
        towns = town_table.gazetteer.matches(key)
        named = len(towns) or key in town_table.regions or town_table.gazetteer.country_matches(key)
        if not named or town_table.gazetteer.country_matches(key):
            continue
        population = float(town_table.population[towns].max()) if len(towns) else 1e6
        written = word_class(words[key], population) if key in words else 0
        if written or key in brands:
            rows.append(f"{key}\t{written}\t{int(key in brands)}")
    TABLE.write_bytes(gzip.compress(("\n".join(rows) + "\n").encode(), 9, mtime=0))
    print(f"{len(rows)} names, {TABLE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
