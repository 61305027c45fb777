"""The Markdown report says what was claimed and done, and hostile text stays text in it."""

import re

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.render.markdown_report import markdown_text, report_markdown, trip_markdown
from tests.support.answers import HOSTILE, hostile_answer, porto_answer
from tests.support.views import NOTE, VETO, case_view, joined_photo, joint, trip_view


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[a](javascript:b)", "\\[a\\]\\(javascript:b\\)"),
        ("![x](http://evil)", "\\!\\[x\\]\\(http&#58;//evil\\)"),
        ("<b>&amp;", "&lt;b\\>&amp;amp;"),
        ("a\n# b", "a \\# b"),
        ("\\*", "\\\\\\*"),
        ("", ""),
    ],
)
def test_markup_is_written_out(text: str, shown: str) -> None:
    assert markdown_text(text) == shown


def test_a_report_opens_with_the_claim_and_with_who_steered() -> None:
    lines = report_markdown(case_view(VETO, NOTE, answer=porto_answer())).splitlines()
    assert lines[0] == "# Porto, Porto District, Portugal"
    warnings = [line for line in lines[: lines.index("## continent")] if line.startswith("* ")]
    assert warnings[0].startswith("* A person excluded Spain: it rains too much")
    assert any(line.endswith("note: ask the neighbour") for line in lines)
    assert "* Nobody steered this run." not in lines


def test_hostile_text_makes_no_markup() -> None:
    report = report_markdown(case_view(answer=hostile_answer()))
    assert "<script" not in report
    assert "http://evil" not in report
    assert re.search(r"(?<!\\)\[link", report) is None
    assert not set(HOSTILE) & {"\x1b", "\u202e"} & set(report)


def test_a_trip_lists_its_photos_and_why_one_took_no_part() -> None:
    views = {name: case_view(branch=name, answer=porto_answer()) for name in ("main", "two")}
    report = trip_markdown(trip_view(views, joint([joined_photo()])), views)
    assert "## Photo 1: porto.jpg" in report
    assert "* together: Porto, Portugal, 91 %" in report
    assert "* took no part: its file is gone" in report
    assert "* because one hour apart" in report


def test_what_has_no_result_yet_is_refused() -> None:
    with pytest.raises(InputError, match="has no answer yet"):
        report_markdown(case_view())
    with pytest.raises(InputError, match="no joint result yet"):
        trip_markdown(trip_view({}), {})
