"""Compiles names of brands, operators and transit networks with the countries they are in.

    python -m tools.compile_brands NAME_SUGGESTION_INDEX COUNTRY_CODER TAGGING_SCHEMA WORD_LISTS

The folders are those of the unpacked npm packages `name-suggestion-index` (BSD-3-Clause),
`@rapideditor/country-coder` (ISC), which says the countries of a region's code, and
`@openstreetmap/id-tagging-schema` (ISC), whose words for trades are no names. Writes
`geoagent_graph/data/evidence/brands.tsv.gz`: a name a line, folded, with its kind (b, o, t), the
class of its chance (see `chance_class`), whether a misreading of it is told from a word, and the
countries' codes. Names of everywhere, of more than `MAX_COUNTRIES`, of fewer than `MIN_LETTERS`
letters and ordinary words are left
out. WORD_LISTS is the folder `data` of the `wordfreq` wheel: whether a name is an ordinary word is
looked up there, nothing of it is stored.
"""

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rapidfuzz.distance import OSA
from shapely.geometry import Point, shape

from geoagent_graph.evidence import tables
from geoagent_graph.evidence.brands import ends_of
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.geo.names import fold
from geoagent_graph.settings import load_settings
from tools.word_lists import read_word_lists

BRANDS = Path(tables.__file__).parents[1] / "data" / "evidence" / "brands.tsv.gz"
MAX_COUNTRIES = 30
MIN_LETTERS = 4
MIN_LETTERS_OF_OTHER_SCRIPTS = 2
MIN_LETTERS_OF_LONG = 7
MAX_ORDINARY_WORDS = 3
MIN_LANGUAGES_OF_PHRASES = 2
"""A word of one list alone may be there for the brand's own sake."""

MIN_WORDS_PER_MILLION = 8.0
NAME_TAGS = re.compile(r"^(?:name|brand|operator|network|short_name|alt_name)(?::[a-z]{2,3})?$")
NOT_ON_SIGNS = ("power", "pipeline", "man_made", "flags")
Json = dict[str, Any]


class Locations:
    """The countries that a location of the index stands for."""

    def __init__(self, index: Path, coder: Path, geocoder: OfflineGeocoder) -> None:
        self._geocoder = geocoder
        shapes = json.loads((index / "dist/json/featureCollection.min.json").read_text("utf-8"))
        self._shapes = {feature["id"].lower(): feature for feature in shapes["features"]}
        borders = json.loads((coder / "src/data/borders.json").read_text("utf-8"))
        self._codes = {country.code for country in geocoder.gazetteer.countries}
        self._members: dict[str, set[str]] = defaultdict(set)
        for feature in borders["features"]:
            properties = feature["properties"]
            code = properties.get("country") or properties.get("iso1A2")
            if code in self._codes:
                self._add(properties, code)

    def _add(self, properties: Json, code: str) -> None:
        own = (properties.get("iso1A2"), properties.get("m49"), properties.get("wikidata"))
        for name in (*own, *properties.get("groups", ()), *properties.get("aliases", ())):
            if name:
                self._members[str(name).lower()].add(code)

    def countries(self, location: str | list[float]) -> set[str]:
        """Return ISO codes; empty for one that stands for no country we know."""
        if isinstance(location, list):
            return {self._geocoder.reverse(location[1], location[0]).country_code}
        name = location.lower()
        if name.endswith(".geojson"):
            prefix = re.split(r"[-.]", name)[0].upper()
            if prefix in self._codes:
                return {prefix}
            return self._countries_inside(self._shapes[name])
        return self._members.get(name) or self._members.get(name.split("-")[0], set())

    def _countries_inside(self, feature: Json) -> set[str]:
        area, gazetteer = shape(feature["geometry"]), self._geocoder.gazetteer
        places = (gazetteer.country_place(country.code) for country in gazetteer.countries)
        inside = {p.country_code for p in places if area.contains(Point(p.lon_deg, p.lat_deg))}
        middle = area.representative_point()
        at_middle = self._geocoder.reverse(middle.y, middle.x).country_code
        return {code for code in (*inside, at_middle) if code}


def items_of(index: Path) -> Iterator[tuple[str, Json]]:
    """Return (kind, item) of everything whose name stands on signs."""
    groups = json.loads((index / "dist/json/nsi.min.json").read_text("utf-8"))["nsi"]
    for path, group in groups.items():
        kind, key, *_ = path.split("/")
        if kind in NOT_ON_SIGNS or key in NOT_ON_SIGNS:
            continue
        for item in group["items"]:
            yield kind[0], item


def names_of(item: Json) -> set[str]:
    """Return the folded names under which an item stands on signs."""
    written = [value for tag, value in item["tags"].items() if NAME_TAGS.match(tag)]
    return {fold(re.sub(r"\s*\(.*?\)", "", name)) for value in written for name in value.split(";")}


def is_telling(name: str) -> bool:
    """Return whether a folded name is long enough to be more than chance."""
    letters = sum(character.isalpha() for character in name)
    return letters >= (MIN_LETTERS if name.isascii() else MIN_LETTERS_OF_OTHER_SCRIPTS)


def chance_class(name: str, gazetteer: Gazetteer, words: set[str]) -> str:
    """Return how easily the name stands on a sign that is none of it.

    m: a few ordinary words; p: a place; s: a short name; l: a long one.
    """
    parts = name.split()
    if len(parts) <= MAX_ORDINARY_WORDS and words.issuperset(parts):
        return "m"
    if gazetteer.aliases.find(name) >= 0:
        return "p"
    long_from = MIN_LETTERS_OF_LONG if name.isascii() else MIN_LETTERS
    return "l" if len(name) >= long_from else "s"


def names_beside_words(names: set[str], words: set[str]) -> set[str]:
    """Return the names that one letter turns into an ordinary word."""
    by_ends: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for end in ends_of(name):
            by_ends[end].append(name)
    return {
        name
        for word in words
        for end in ends_of(word)
        for name in by_ends.get(end, ())
        if abs(len(name) - len(word)) <= 1 and OSA.distance(name, word, score_cutoff=1) <= 1
    }


def count_languages(folder: Path) -> Counter[str]:
    """Return folded words that are not rare -> the number of languages they are so in."""
    return Counter(
        word
        for shares in read_word_lists(folder).values()
        for word in {
            fold(word) for word, share in shares.items() if share * 1e6 >= MIN_WORDS_PER_MILLION
        }
    )


def trade_words(schema: Path) -> set[str]:
    """Return the folded names of kinds of shops, offices and the like in every language."""
    found: set[str] = set()
    for path in (schema / "dist/translations").glob("*.min.json"):
        for content in json.loads(path.read_text("utf-8")).values():
            for preset in content.get("presets", {}).get("presets", {}).values():
                found.add(fold(preset.get("name") or ""))
    return found


def main() -> None:
    """Compile the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("index", type=Path)
    parser.add_argument("coder", type=Path)
    parser.add_argument("schema", type=Path)
    parser.add_argument("words", type=Path)
    arguments = parser.parse_args()
    geocoder = open_geocoder(load_settings())
    locations = Locations(arguments.index, arguments.coder, geocoder)
    counts = count_languages(arguments.words)
    words = set(counts)
    phrase_words = {word for word, count in counts.items() if count >= MIN_LANGUAGES_OF_PHRASES}
    words |= trade_words(arguments.schema)
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for kind, item in items_of(arguments.index):
        places = item["locationSet"]
        included = places.get("include", ["001"])
        everywhere = "001" in included
        inside = set().union(*(locations.countries(place) for place in included))
        inside -= set().union(*(locations.countries(p) for p in places.get("exclude", ())))
        for name in names_of(item):
            found[name][0].add(kind)
            found[name][1].update({"*"} if everywhere else inside)
    kept = {
        name
        for name, (_, inside) in found.items()
        if is_telling(name) and "*" not in inside and 0 < len(inside) <= MAX_COUNTRIES
    } - words
    doubtful = names_beside_words(kept, words)
    lines = [
        f"{name}\t{min(found[name][0])}\t{chance_class(name, geocoder.gazetteer, phrase_words)}\t"
        f"{int(name not in doubtful)}\t{' '.join(sorted(found[name][1]))}\n"
        for name in sorted(kept)
    ]
    BRANDS.write_bytes(gzip.compress("".join(lines).encode(), 9, mtime=0))
    print(f"{len(lines)} names, {BRANDS.stat().st_size / 1000:.0f} kB: {BRANDS}")


if __name__ == "__main__":
    main()
