"""Compiles words for businesses, which bear names of elsewhere, and public places, which do not.

    python -m tools.compile_trade_words TAGGING_SCHEMA

TAGGING_SCHEMA is the unpacked npm package `@openstreetmap/id-tagging-schema` (ISC): names of kinds
of shops, libraries, stations in some 60 languages. Writes, below `geoagent_graph/data/evidence`,
`trade_words.txt.gz`, a folded name of one word or two a line (names of large towns, words of town
signs and of streets are left out), and `public_words.txt.gz`, the same of public places.
"""

import argparse
import gzip
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from geoagent_graph.evidence import tables
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.geo.names import fold
from geoagent_graph.settings import load_settings

FOLDER = Path(tables.__file__).parents[1] / "data" / "evidence"
TRADES, PUBLIC = FOLDER / "trade_words.txt.gz", FOLDER / "public_words.txt.gz"
MAX_WORDS = 2
MIN_LETTERS = 4
MIN_LETTERS_UNSPACED = 2
LARGE_TOWN = 20_000
UNSPACED_FROM = "\u0e00"
KINDS_BY_KEY = {
    "shop": (
        "bakery pastry confectionery chocolate coffee tea deli butcher ice_cream cheese wine "
        "alcohol beverages seafood hairdresser hairdresser/barber beauty beauty/nails "
        "beauty/tanning massage tattoo perfumery cosmetics clothes clothes/wedding "
        "clothes/underwear clothes/suits fashion boutique fashion_accessories shoes bag "
        "leather jewelry watches tailor fabric furniture bed carpet curtain "
        "interior_decoration antiques art frame gift toys books music musical_instrument "
        "optician laundry dry_cleaning travel_agency ticket tobacco kiosk convenience "
        "supermarket department_store mall florist electronics mobile_phone sports bicycle "
        "car tyres"
    ),
    "amenity": (
        "restaurant cafe bar pub fast_food ice_cream food_court biergarten nightclub casino "
        "cinema theatre internet_cafe hookah_lounge karaoke_box dancing_school "
        "language_school music_school love_hotel events_venue gambling car_wash"
    ),
    "tourism": ("hotel hostel motel guest_house apartment chalet"),
    "leisure": ("fitness_centre sauna dance bowling_alley amusement_arcade escape_game"),
}
"""The kinds of business, by the key they have in OpenStreetMap."""

PUBLIC_BY_KEY = {
    "amenity": (
        "library marketplace police fire_station hospital clinic doctors dentist school "
        "kindergarten college university townhall post_office parking bus_station taxi "
        "ferry_terminal community_centre courthouse bank pharmacy fuel toilets arts_centre "
        "social_centre veterinary public_bath prison ranger_station exhibition_centre"
    ),
    "tourism": ("museum gallery information/office attraction zoo aquarium"),
    "leisure": ("swimming_pool sports_centre stadium park playground marina golf_course"),
    "railway": ("station halt tram_stop subway_entrance"),
    "aeroway": ("aerodrome terminal"),
    "office": ("government employment_agency insurance association"),
    "emergency": ("ambulance_station lifeboat_station"),
}
"""The kinds of public place, by the key they have in OpenStreetMap."""

_SPLIT = re.compile(r"[/,;()|]|\s[-–]\s")


def kinds_of(by_key: Mapping[str, str]) -> frozenset[str]:
    """Return the names of presets."""
    return frozenset(f"{key}/{kind}" for key, kinds in by_key.items() for kind in kinds.split())


def names_of_kinds(schema: Path, kinds: frozenset[str]) -> Iterator[str]:
    """Yield every name of some kinds of place, in every language, and its other words."""
    for path in sorted((schema / "dist/translations").glob("*.min.json")):
        for content in json.loads(path.read_text("utf-8")).values():
            presets = content.get("presets", {}).get("presets", {})
            for kind in kinds & presets.keys():
                yield from _SPLIT.split(presets[kind].get("name", ""))


def is_kept(key: str, large_towns: frozenset[str]) -> bool:
    """Say whether a folded name stands for a business by itself."""
    unspaced = key[:1] >= UNSPACED_FROM
    if len(key) < (MIN_LETTERS_UNSPACED if unspaced else MIN_LETTERS):
        return False
    other = word_list("town_signs") | word_list("street_kinds") | word_list("sentence")
    return len(key.split()) <= MAX_WORDS and key not in other and key not in large_towns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("schema", type=Path)
    arguments = parser.parse_args()
    gazetteer = open_gazetteer(load_settings())

    def is_large(key: str) -> bool:
        towns = gazetteer.matches(key)
        return bool(len(towns) and gazetteer.population[towns].max() >= LARGE_TOWN)

    for table, by_key in ((TRADES, KINDS_BY_KEY), (PUBLIC, PUBLIC_BY_KEY)):
        keys = {fold(name) for name in names_of_kinds(arguments.schema, kinds_of(by_key))} - {""}
        # a word for a public place is no name by itself, also where a town is called so
        large = frozenset(key for key in keys if table == TRADES and is_large(key))
        kept = sorted(key for key in keys if is_kept(key, large))
        table.write_bytes(gzip.compress("\n".join(kept).encode("utf-8"), mtime=0))
        print(f"{table.name}: {len(kept)} of {len(keys)}, no towns: {', '.join(sorted(large))}")


if __name__ == "__main__":
    main()
