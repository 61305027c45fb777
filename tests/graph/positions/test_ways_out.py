"""Pages of others that show a point."""

import pytest

from geoagent_graph.positions.forms import parse_position
from geoagent_graph.positions.ways_out import ways_out

BRAGA = (41.551389, -8.423056)


def test_links_lead_to_the_point() -> None:
    assert len(ways_out(*BRAGA)) == 5
    assert all(way.url.startswith("https://") for way in ways_out(*BRAGA))
    assert "41.551389" in ways_out(*BRAGA)[0].url


def test_our_own_links_are_read_again() -> None:
    for way in ways_out(*BRAGA):
        assert parse_position(way.url) == pytest.approx(BRAGA, abs=1e-5), way.title
