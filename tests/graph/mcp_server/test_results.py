"""What the tools of MCP return: bounded, safe to show, and no point where nothing is claimed."""

from geoagent_graph.mcp_server.results import claim, investigation, links, step_line
from geoagent_graph.types import Step
from tests.support.answers import (
    EUROPE,
    HOSTILE,
    hostile_answer,
    hypothesis,
    porto_answer,
    unknown_answer,
)
from tests.support.views import case_view, question

HIDDEN = {"\x1b", "\x07", "\x9b", "\u202e", "\u2066"}


def test_no_claim_has_no_point() -> None:
    open_claim, made = claim(unknown_answer()), claim(porto_answer())
    assert (open_claim.lat_deg, open_claim.lon_deg, open_claim.radius_km) == (None, None, None)
    assert (made.lat_deg, made.radius_km, made.level) == (41.1496, 25.0, "city")


def test_the_documents_of_a_branch_have_their_own_addresses() -> None:
    assert links("street", "main").trace == "geoagent://cases/street/trace.jsonl"
    assert links("street", "b1").trace == "geoagent://cases/street/branches/b1/trace.jsonl"


def test_an_open_question_is_told_with_why_the_last_reply_was_refused() -> None:
    view = case_view(question(problem="no such place\x1b[2J"))
    told = investigation(view, view.steps[:1])
    assert told.status == "waiting"
    assert told.question is not None
    assert told.question.problem == "no such place\ufffd[2J"
    assert [candidate.name for candidate in told.question.candidates] == ["Europe", "Asia"]
    assert (told.claim, len(told.new_steps), told.steps_in_all) == (None, 1, 4)
    assert told.warnings == ("the clock is wrong",)


def test_candidates_are_ranked_and_bounded_per_level() -> None:
    many = tuple(hypothesis(EUROPE, n / 100) for n in range(9))
    told = investigation(case_view(answer=porto_answer(levels={"continent": many})), ())
    assert [c.probability for c in told.candidates] == [0.08, 0.07, 0.06, 0.05, 0.04]
    assert told.candidates[0].speaks_for == ()


def test_hostile_text_is_inert_in_every_field_for_people() -> None:
    told = investigation(case_view(answer=hostile_answer()), ())
    assert told.claim is not None
    dumped = told.model_dump_json(exclude={"claim": {"place"}})
    assert not any(f"\\u{ord(sign):04x}" in dumped or sign in dumped for sign in HIDDEN)
    assert not HIDDEN & set(told.claim.headline + told.claim.sentence)


def test_a_step_is_one_bounded_line() -> None:
    step = Step(index=0, node="judge", level="city", summary=HOSTILE + "\n" + "x" * 900, seconds=1)
    line = step_line(step)
    assert line.startswith("judge (city): </style>")
    assert len(line) == 300
    assert "\n" not in line
