"""Distances that stand in a box of their own, right of the name."""

import pytest

from geoagent_graph.evidence.names.distances import with_distance_beside
from geoagent_graph.types import Box, Clue


def at(text: str, left: float, top: float) -> Clue:
    box = Box(left=left, top=top, right=left + 0.2, bottom=top + 0.1)
    return Clue(id=f"text:{text}", kind="text", text=text, source="reader", box=box)


@pytest.mark.parametrize("figure", ["56Km", "205 km", "12 mi", "3,5 km", "1.200 km"])
def test_a_distance_in_the_same_row_belongs_to_the_name(figure: str) -> None:
    seoul, distance = at("서울", 0.1, 0.1), at(figure, 0.6, 0.12)
    assert with_distance_beside(seoul, [seoul, distance]).text == f"서울 {figure}"


def test_what_stands_elsewhere_does_not() -> None:
    seoul = at("서울", 0.5, 0.1)
    others = [at("56km", 0.5, 0.6), at("205km", 0.1, 0.1), at("Exit", 0.75, 0.1)]
    assert with_distance_beside(seoul, [seoul, *others]) == seoul


def test_the_nearest_line_to_the_right_counts() -> None:
    lines = [at("Lyon", 0.0, 0.1), at("Nord", 0.3, 0.1), at("12 km", 0.7, 0.1)]
    assert with_distance_beside(lines[0], lines) == lines[0]
    assert with_distance_beside(lines[1], lines).text == "Nord 12 km"


def test_lines_without_boxes_stay() -> None:
    line = Clue(id="text:1", kind="text", text="Lyon", source="reader")
    assert with_distance_beside(line, [line, at("12 km", 0.7, 0.1)]) == line


def test_a_distance_below_the_names_of_one_panel_belongs_to_them() -> None:
    left = [at("서울", 0.1, 0.1), at("Seoul", 0.1, 0.22), at("56Km", 0.1, 0.34)]
    right = [at("평양", 0.6, 0.1), at("Pyeongyang", 0.6, 0.22), at("205Km", 0.6, 0.34)]
    texts = [with_distance_beside(line, left + right).text for line in (*left[:2], *right[:2])]
    assert texts == ["서울 56Km", "Seoul 56Km", "평양 205Km", "Pyeongyang 205Km"]
