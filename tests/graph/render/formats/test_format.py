"""A row of the table of formats is refused where nothing could offer it, else dispatches."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.render.formats.format import Format
from geoagent_graph.types import Answer
from tests.support.answers import porto_answer, unknown_answer
from tests.support.views import case_view, joined_photo, joint, trip_view


def city_list(answers: Sequence[Answer]) -> str:
    return " ".join(str(answer.place.city) for answer in answers)


def row(name: str = "csv", **functions: Any) -> Format:
    return Format(name, "text/csv", ".csv", "Table", **functions)


@pytest.mark.parametrize("name", ["", "CSV", "1csv", "a-b", "csv\n", "csv;q", "x" * 17, "é"])
def test_a_name_that_is_no_plain_word_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="no name for a format"):
        row(name, of_answers=city_list)


def test_a_row_without_a_function_is_refused() -> None:
    with pytest.raises(InputError, match="format csv: give it a function"):
        row()


def test_a_function_of_answers_serves_photos_cases_and_trips() -> None:
    table = row(of_answers=city_list)
    assert all(table.works_for(subject) for subject in ("photo", "case", "trip"))
    views = {"main": case_view(answer=unknown_answer())}
    assert table.case_content(case_view(answer=porto_answer())) == "Porto"
    assert table.trip_content(trip_view(views, joint([joined_photo()])), views) == "Porto"


def test_a_function_of_a_case_comes_before_that_of_answers() -> None:
    table = row(of_answers=city_list, of_case=lambda view: view.opened.branch)
    assert table.case_content(case_view(branch="two")) == "two"


def test_what_a_format_is_not_for_is_said() -> None:
    photos = row(of_photo=lambda answer, pixels: "", note="short")
    assert (photos.works_for("photo"), photos.works_for("case")) == (True, False)
    with pytest.raises(InputError, match="csv: is no format for a case"):
        photos.case_content(case_view(answer=porto_answer()))
    with pytest.raises(InputError, match=re.escape("--csv: name one photo of the case, as in str")):
        photos.trip_content(trip_view({}), {})
    assert photos.description == "Table: short"
