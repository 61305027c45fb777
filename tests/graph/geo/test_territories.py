"""Which pieces of the map are which country's."""

from geoagent_graph.geo.countries import country_codes
from geoagent_graph.geo.territories import country_drawings, polygons_by_country
from geoagent_graph.geo.topojson import read_countries


def test_every_row_names_a_piece_of_the_finest_map_or_a_country_too_small_for_it() -> None:
    drawn = read_countries("10m")
    features = {f"{f.numeric_code:03d}" if f.numeric_code else f.name for f in drawn}
    rows = country_drawings()
    assert {row.code for row in rows} <= set(country_codes())
    without = {row.code for row in rows if row.feature not in features}
    assert without <= {
        "BQ",
        "BV",
        "CC",
        "CX",
        "GF",
        "GI",
        "GP",
        "MQ",
        "RE",
        "SJ",
        "TK",
        "TV",
        "UM",
        "YT",
    }
    assert features - {row.feature for row in rows} <= {
        "Indian Ocean Ter.",
        "Siachen Glacier",
        "Spratly Is.",
        "Bajo Nuevo Bank",
        "Serranilla Bank",
        "Scarborough Reef",
    }


def test_overseas_parts_are_their_own() -> None:
    rows = {row.code: row for row in country_drawings() if row.box_deg}
    france = next(row.feature for row in country_drawings() if row.code == "FR")
    assert rows["GF"].feature == france
    assert rows["GF"].box_deg == (-55.0, 2.0, -51.0, 6.5)
    assert any(row.code == "XK" and row.feature == "Kosovo" for row in country_drawings())


def test_every_country_has_a_polygon() -> None:
    assert set(polygons_by_country(read_countries("10m"))) == set(country_codes())
