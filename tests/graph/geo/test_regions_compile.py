"""The shipped rows keep to what they promise."""

from geoagent_graph.geo.region_names import region_keys
from geoagent_graph.geo.regions_compile import read_rows


def test_the_shipped_keys_are_those_of_today(regions: object) -> None:
    rows = list(read_rows())
    assert len({row.id for row in rows}) == len(rows)
    for row in rows[::61]:
        assert set(region_keys(row.name)[:1]) <= set(row.keys), row.id
