"""The report of a case says what a person decided, what people did, and how to check it."""

import re

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.render.html.case_report import (
    NOBODY,
    acts_of_people,
    list_section,
    report_html,
    verification_steps,
    warnings_of_steering,
)
from geoagent_graph.render.html.markup import html_text
from geoagent_graph.types import Json
from tests.support.answers import HOSTILE, SPAIN, porto_answer
from tests.support.views import NOTE, VETO, case_view


def act(action: str, **more: object) -> Json:
    return {"event": "human", "input": {"action": action, "text": f"did {action}", **more}}


def test_what_a_person_decided_is_a_warning_and_agreeing_is_none() -> None:
    named = {"place": SPAIN.model_dump(mode="json")}
    decided = [act(kind) for kind in ("veto", "reject", "map_region", "set")]
    view = case_view(*decided, act("accept", **named), act("accept"), act("clue"))
    said = warnings_of_steering(view)
    assert [re.findall(r"did (\w+)", line)[0] for line in said] == [
        "veto", "reject", "map_region", "set", "accept",
    ]  # fmt: skip


def test_acts_and_notes_stand_in_order_with_their_times() -> None:
    assert acts_of_people(case_view(NOTE, VETO)) == [
        "2024-05-01T10:00:00 UTC, note: ask the neighbour",
        "2024-05-01T10:00:00 UTC, a person excluded Spain: it rains too much",
    ]


def test_the_last_hash_the_photo_and_the_versions_can_be_checked() -> None:
    view = case_view(answer=porto_answer())
    trace, photo, _, versions = verification_steps(view)
    assert f"{len(view.events)} events" in trace
    assert trace.endswith(f"{view.head}.")
    assert photo.endswith(" " + "ab" * 32 + ".")
    assert "geoagent-graph 9.8.7, LangGraph 1.2.3, Python 3.11.7" in versions
    assert versions.endswith("index none.")


def test_a_report_without_acts_says_so_and_one_without_an_answer_is_refused() -> None:
    assert NOBODY in report_html(case_view(answer=porto_answer()))
    steered = report_html(case_view(VETO, answer=porto_answer()))
    assert NOBODY not in steered
    assert steered.index("Everything below is given") < steered.index('id="levels"')
    with pytest.raises(InputError, match="has no answer yet"):
        report_html(case_view())


def test_a_hostile_note_stays_text() -> None:
    page = html_text(list_section("people", "What people did", [HOSTILE]))
    assert "<li><bdi>&lt;/style&gt;" in page
    assert "<script" not in page
