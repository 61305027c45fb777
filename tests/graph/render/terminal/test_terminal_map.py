"""The map in a terminal."""

import pytest

from geoagent_graph.render.terminal.terminal_map import world_map

EMPTY = "\u2800"


@pytest.mark.parametrize("columns", [30, 54, 72])
def test_every_line_is_as_wide_as_asked(columns: int) -> None:
    lines = world_map(0.0, 0.0, 100.0, columns).plain.split("\n")
    assert {len(line) for line in lines} == {columns}


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"),
    [(0.0, 0.0), (90.0, 0.0), (-90.0, 179.99), (41.1, -8.6), (-16.8, -179.99)],
)
def test_the_point_is_drawn_once_where_it_is(lat_deg: float, lon_deg: float) -> None:
    lines = world_map(lat_deg, lon_deg, 10.0, 72).plain.split("\n")
    crosses = [(line.index("X"), row) for row, line in enumerate(lines) if "X" in line]
    ((column, _),) = crosses
    assert abs((column + 0.5) / 72 * 360 - 180 - lon_deg) <= 5.0


def test_land_is_where_land_is() -> None:
    lines = world_map(-89.0, 0.0, 1.0, 72).plain.split("\n")
    row = int((84 - 60) / 142 * len(lines))
    assert lines[row][int((100 + 180) / 360 * 72)] != EMPTY  # Siberia
    assert lines[row][int((-30 + 180) / 360 * 72)] == EMPTY  # the North Atlantic


def test_a_circle_goes_across_the_date_line() -> None:
    text = world_map(-17.0, 179.0, 1500.0, 72)
    yellow = {line for span in text.spans if span.style == "yellow" for line in (span.start % 73,)}
    assert any(column < 5 for column in yellow)
    assert any(column > 60 for column in yellow)
