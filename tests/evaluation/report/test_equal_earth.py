"""The map's projection, its outline of the land, and ways that cross the date line."""

import json
from importlib.resources import files

import numpy as np
import pytest
from geoagent_evaluation.report.plots.equal_earth import great_circle, land_rings, project

from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.render.maps import world_svg


def test_projection_is_that_of_the_agents_map() -> None:
    points = np.array([[0.0, 0.0], [180.0, 0.0], [-180.0, 90.0], [139.7, 35.7], [-46.6, -23.5]])
    scale = world_svg.WIDTH / 2 / project(np.array([[180.0, 0.0]]))[0, 0]
    drawn = world_svg.project(points) - [world_svg.WIDTH / 2, world_svg.HEIGHT / 2]
    assert project(points) * [scale, -scale] == pytest.approx(drawn, abs=1e-6)


def test_land_lies_on_the_globe_and_names_its_origin() -> None:
    points = np.concatenate(land_rings())
    assert np.abs(points[:, 0]).max() <= 180.0
    assert np.abs(points[:, 1]).max() <= 90.0
    outline = files("geoagent_evaluation") / "report" / "data" / "land.json"
    assert "Natural Earth, public domain" in json.loads(outline.read_text())["origin"]
    assert len(outline.read_bytes()) < 40_000


def test_way_over_the_date_line_is_cut_at_the_edge() -> None:
    start, end = np.array([174.8, -41.3]), np.array([-149.6, -17.5])
    west, east = great_circle(start, end)
    assert (west[0], east[-1]) == (pytest.approx(start), pytest.approx(end))
    assert west[-1] == pytest.approx([180.0, east[0, 1]])
    assert east[0, 0] == -180.0


def test_way_is_the_shortest_one() -> None:
    start, end = np.array([2.3, 48.9]), np.array([139.7, 35.7])
    (way,) = great_circle(start, end)
    steps = distance_km(way[:-1, 1], way[:-1, 0], way[1:, 1], way[1:, 0])
    assert steps.sum() == pytest.approx(float(distance_km(48.9, 2.3, 35.7, 139.7)), rel=1e-6)


def test_way_to_the_same_point_and_to_the_other_side_of_the_globe() -> None:
    point = np.array([10.0, 20.0])
    assert len(great_circle(point, point)) == 1
    assert great_circle(point, np.array([-170.0, -20.0])) == []
