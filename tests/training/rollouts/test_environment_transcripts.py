"""What is taught before rollouts in TRL's loop: a name looked up, then the chain of the row."""

import json
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.data.tables import good_rows
from geoagent_training.errors import DataError
from geoagent_training.recipe import SftRecipe
from geoagent_training.rollouts.environment_transcripts import environment_table
from geoagent_training.rollouts.tool_prompts import AGENT_SYSTEM


def _turns(kit: Path, part: str, **words: str) -> list[dict[str, Any]]:
    path = kit / part / "rows.jsonl"
    recipe = SftRecipe(model="m", data={"path": path}, target="environment", **words)
    rows = good_rows(path, "geoagent", None, check_images=False, limit=1)
    (row,) = environment_table(recipe, rows)
    assert len(row["images"]) == 1
    turns: list[dict[str, Any]] = json.loads(row["conversation"])
    return turns


def test_the_finest_name_is_looked_up_before_the_chain(kit: Path) -> None:
    system, question, call, result, reply = _turns(kit, "chains")
    truth = json.loads((kit / "chains" / "rows.jsonl").read_text().splitlines()[0])
    assert system["content"] == AGENT_SYSTEM
    assert question["content"][0] == {"type": "image"}
    (used,) = call["tool_calls"]
    assert used["function"] == {"name": "verify", "arguments": {"name": truth["precise"]}}
    assert truth["country"] in result["content"][0]["text"]
    assert reply["content"].endswith(f"<answer>{truth['chain']['FinalAnswer']}</answer>")


def test_the_words_of_the_recipe_are_asked_in(kit: Path) -> None:
    system, question, *_ = _turns(kit, "chains", system_prompt="Look.", question_prompt="Where?")
    assert system["content"] == "Look."
    assert question["content"][1]["text"] == "Where?"


def test_rows_without_chains_are_refused(kit: Path) -> None:
    with pytest.raises(DataError, match="no row has a chain of thought to learn from"):
        _turns(kit, "places")
