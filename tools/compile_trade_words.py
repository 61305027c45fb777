"""Compiles the words for businesses that bear names of elsewhere: bakeries, hotels, salons.

    python -m tools.compile_trade_words TAGGING_SCHEMA

TAGGING_SCHEMA is the unpacked npm package `@openstreetmap/id-tagging-schema` (ISC): names of kinds
of shops in some 60 languages. Writes `geoagent_graph/data/evidence/trade_words.txt.gz`: a folded
name of one word or two a line. Names of large towns, words of town signs and of streets are left
out.
"""

import argparse
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

from geoagent_graph.evidence import tables
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.geo.names import fold
from geoagent_graph.settings import load_settings

TABLE = Path(tables.__file__).parents[1] / "data" / "evidence" / "trade_words.txt.gz"
MAX_WORDS = 2
MIN_LETTERS = 4
MIN_LETTERS_UNSPACED = 2
LARGE_TOWN = 20_000
UNSPACED_FROM = "\u0e00"
KINDS = frozenset(
    """
    shop/bakery shop/pastry shop/confectionery shop/chocolate shop/coffee shop/tea shop/deli
    shop/butcher shop/ice_cream shop/cheese shop/wine shop/alcohol shop/beverages shop/seafood
    shop/hairdresser shop/hairdresser/barber shop/beauty shop/beauty/nails shop/beauty/tanning
    shop/massage shop/tattoo shop/perfumery shop/cosmetics shop/clothes shop/clothes/wedding
    shop/clothes/underwear shop/clothes/suits shop/fashion shop/boutique shop/fashion_accessories
    shop/shoes shop/bag shop/leather shop/jewelry shop/watches shop/tailor shop/fabric
    shop/furniture shop/bed shop/carpet shop/curtain shop/interior_decoration shop/antiques
    shop/art shop/frame shop/gift shop/toys shop/books shop/music shop/musical_instrument
    shop/optician shop/laundry shop/dry_cleaning shop/travel_agency shop/ticket shop/tobacco
    shop/kiosk shop/convenience shop/supermarket shop/department_store shop/mall shop/florist
    shop/electronics shop/mobile_phone shop/sports shop/bicycle shop/car shop/tyres
    amenity/restaurant amenity/cafe amenity/bar amenity/pub amenity/fast_food amenity/ice_cream
    amenity/food_court amenity/biergarten amenity/nightclub amenity/casino amenity/cinema
    amenity/theatre amenity/internet_cafe amenity/hookah_lounge amenity/karaoke_box
    amenity/dancing_school amenity/language_school amenity/music_school amenity/love_hotel
    amenity/events_venue amenity/gambling amenity/car_wash
    tourism/hotel tourism/hostel tourism/motel tourism/guest_house tourism/apartment
    tourism/chalet leisure/fitness_centre leisure/sauna leisure/dance leisure/bowling_alley
    leisure/amusement_arcade leisure/escape_game
    """.split()
)
_SPLIT = re.compile(r"[/,;()|]|\s[-–]\s")


def trade_names(schema: Path) -> Iterator[str]:
    """Yield every name of the kinds of business, in every language, and its other words."""
    for path in sorted((schema / "dist/translations").glob("*.min.json")):
        for content in json.loads(path.read_text("utf-8")).values():
            presets = content.get("presets", {}).get("presets", {})
            for kind in KINDS & presets.keys():
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

    keys = {fold(name) for name in trade_names(arguments.schema)} - {""}
    large = frozenset(key for key in keys if is_large(key))
    kept = sorted(key for key in keys if is_kept(key, large))
    TABLE.write_bytes(gzip.compress("\n".join(kept).encode("utf-8"), mtime=0))
    print(f"{len(kept)} words of {len(keys)}, left out as towns: {', '.join(sorted(large))}")


if __name__ == "__main__":
    main()
