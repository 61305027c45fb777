"""The PDF report is the HTML report, printed, and is offered for cases and trips alone."""

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.render import pdf
from geoagent_graph.render.formats import html_file, pdf_file
from tests.support.answers import porto_answer
from tests.support.views import case_view, joined_photo, joint, trip_view


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the pages that were printed."""
    pages: list[str] = []

    def print_page(html: str) -> bytes:
        pages.append(html)
        return b"%PDF"

    monkeypatch.setattr(pdf, "pdf_bytes", print_page)
    return pages


def test_the_html_report_of_a_case_is_printed(printed: list[str]) -> None:
    view = case_view(answer=porto_answer())
    assert pdf_file.ROW.case_content(view) == b"%PDF"
    assert printed == [html_file.case_file(view)]


def test_the_html_report_of_a_trip_is_printed(printed: list[str]) -> None:
    views = {"main": case_view(answer=porto_answer())}
    trip = trip_view(views, joint([joined_photo()]))
    assert pdf_file.ROW.trip_content(trip, views) == b"%PDF"
    assert printed == [html_file.trip_file(trip, views)]


def test_nothing_is_printed_without_an_answer(printed: list[str]) -> None:
    with pytest.raises(InputError, match="has no answer yet"):
        pdf_file.case_file(case_view())
    assert printed == []


def test_the_row_says_that_it_needs_a_browser() -> None:
    assert pdf_file.ROW.needs_browser
    assert not pdf_file.ROW.works_for("photo")
