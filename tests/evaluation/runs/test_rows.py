"""Rows of predictions and traces: what an answer says, bounded."""

import asyncio
import json
from dataclasses import fields
from pathlib import Path

from geoagent_evaluation.contract.run_folder import trace_file
from geoagent_evaluation.runs.agent_flags import POLICY_FIELDS
from geoagent_evaluation.runs.prediction_row import failure_row, prediction_row
from geoagent_evaluation.runs.trace_file import MAX_TEXT_CHARS, trace_of

from geoagent_graph.api import locate
from geoagent_graph.cli.options import PolicyFlags
from geoagent_graph.testing import ScriptedPolicy, scripted_toolbox
from geoagent_graph.types import Answer, Clue, Usage, Verdict


def _answer(policy: ScriptedPolicy) -> Answer:
    return asyncio.run(locate(b"photo", toolbox=scripted_toolbox(policy=policy)))


def _abstention() -> Answer:
    stop = Verdict(decision="stop", reason="as scripted")
    return _answer(ScriptedPolicy.towards_lisbon(verdicts=[stop]))


def test_an_abstention_keeps_its_point_and_claims_nothing() -> None:
    row = prediction_row("a", _abstention())
    assert row["abstained"]
    assert row["level"] == "none"
    assert "probability" not in row
    assert "country" not in row
    assert row["lat_deg"] == 38.71667
    assert [one.get("place") for one in row["candidates"]] == [None, None]  # continents


def test_the_cost_is_known_without_a_model_and_with_a_price() -> None:
    answer = _answer(ScriptedPolicy.towards_lisbon())
    assert prediction_row("a", answer)["cost"] == 0.0
    usage = Usage(calls=3, prompt_tokens=2_000_000, completion_tokens=100_000, images=1)
    asked = answer.model_copy(update={"usage": usage})
    assert "cost" not in prediction_row("a", asked)
    assert prediction_row("a", asked, (0.5, 2.0))["cost"] == 1.2


def test_a_failure_is_short() -> None:
    assert len(failure_row("a", "x" * 10_000)["error"]) == 500


def test_a_trace_is_bounded() -> None:
    words = Clue(id="text:1", kind="text", text="x" * 2000, source="text_reader:x")
    clues = [words.model_copy(update={"id": f"text:{n}"}) for n in range(200)]
    answer = _answer(ScriptedPolicy.towards_lisbon(clues=clues))
    trace = trace_of("a", answer)
    assert len(trace["clues"]) == 60
    assert len(trace["clues"][0]["text"]) == MAX_TEXT_CHARS + 1
    assert len(json.dumps(trace)) < 200_000
    assert trace["candidates"]["city"][0]["place"] == "Lisbon"


def test_trace_files_of_different_ids_differ() -> None:
    ids = ["a", "A", "a/b", "a_b", "..", "", "é", "con", "x" * 300]
    files = {str(trace_file(Path("out"), one)).lower() for one in ids}
    assert len(files) == len(ids)
    assert all(Path(file).parent == Path("out/traces") for file in files)


def test_every_policy_flag_of_other_commands_is_taken() -> None:
    assert set(POLICY_FIELDS) == {field.name for field in fields(PolicyFlags)}
