"""Steps of a report: every tool call with what it was asked and said; failures stand out."""

from geoagent_graph.render.html.markup import html_text
from geoagent_graph.render.html.report_steps import MAX_CALLS, steps_section
from geoagent_graph.types import Step, ToolCall
from tests.support.answers import HOSTILE, porto_steps


def step(*tools: ToolCall, node: str = "observe") -> Step:
    return Step(index=0, node=node, level=None, summary="s", seconds=0.1, tools=tools)


def test_a_call_shows_its_arguments_and_a_failure_its_error() -> None:
    page = html_text(steps_section(porto_steps(), 0.71))
    assert "4 steps in 0.7 s" in page
    assert "<bdi>text_reader(max_side=1600)</bdi></code> <bdi>2 lines</bdi> (0.50 s)" in page
    failed = page.partition('<li class="failed">')[2].partition("</li>")[0]
    assert failed.endswith("</code> failed: <bdi>index is damaged</bdi>")


def test_many_calls_are_counted_and_not_shown() -> None:
    call = ToolCall(tool="geocoder", result="Porto", seconds=0.0)
    page = html_text(steps_section([step(*[call] * (MAX_CALLS + 3))], 1.0))
    assert page.count("<code>") == MAX_CALLS
    assert "<li>and 3 more calls</li>" in page


def test_hostile_tools_and_nodes_stay_text() -> None:
    call = ToolCall(tool=HOSTILE, arguments={HOSTILE: HOSTILE}, result=HOSTILE, seconds=0.0)
    page = html_text(steps_section([step(call, node=HOSTILE)], 1.0))
    assert "<script" not in page
    assert not {"\x1b", "\u202e"} & set(page)


def test_a_run_without_steps_has_an_empty_list() -> None:
    assert '<ol class="steps"></ol>' in html_text(steps_section([], 0.0))
