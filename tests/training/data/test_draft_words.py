"""The first question is asked in the same words and budgets in training and in serving."""

import json
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.data.chat_rows import prompt_messages
from geoagent_training.data.tables import conversation_table, good_rows, photo_table
from geoagent_training.models.taught_form import (
    form_warnings,
    question_of_model,
    system_of_model,
    write_form,
)
from geoagent_training.recipe import GrpoRecipe, SftRecipe
from geoagent_training.rollouts.graph_transcripts import transcript_table
from pydantic import ValidationError

from geoagent_graph.policies.model.chat import Message
from geoagent_graph.policies.model.draft import draft_request, load_words
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.options import DRAFT_TOKENS
from tests.support.paths import ROOT


def test_serving_asks_what_training_shows() -> None:
    request = draft_request((), (), ModelPolicyOptions())
    served = [(turn.role, turn.parts) for turn in request.messages]
    trained = [Message(m["role"], (m["content"],)) for m in prompt_messages()]
    assert served == [(turn.role, turn.parts) for turn in trained]


@pytest.fixture
def own_words(tmp_path: Path) -> dict[str, Path]:
    """Files as `--draft-system` and `--draft-question` take them, with a final line break."""
    words = {"draft_system": "You are a guesser.\nWrite tags.", "draft_question": "Where, and why?"}
    for name, text in words.items():
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    return {name: tmp_path / name for name in words}


def test_the_users_own_words_are_the_same_in_serving_training_and_evaluation(
    kit: Path, tmp_path: Path, own_words: dict[str, Path]
) -> None:
    rows = kit / "chains" / "rows.jsonl"
    start = {"model": str(tmp_path), "data": {"path": rows}, **own_words}
    taught, rewarded = SftRecipe(**start), GrpoRecipe(**start)
    options = ModelPolicyOptions(
        **{name: load_words(name, path) for name, path in own_words.items()}
    )
    served = [(turn.role, turn.parts[0]) for turn in draft_request((), (), options).messages]
    assert served == [("system", "You are a guesser.\nWrite tags."), ("user", "Where, and why?")]
    words: Any = {"system": rewarded.system_prompt, "question": rewarded.question_prompt}
    grpo = photo_table(rows, "geoagent", limit=1, **words)[0]["prompt"]
    sft = json.loads(
        conversation_table(rows, "geoagent", "think_answer", limit=1, **words)[0]["conversation"]
    )
    write_form(taught, tmp_path)
    model = str(tmp_path)
    evaluated = photo_table(
        rows, "geoagent", limit=1, system=system_of_model(model), question=question_of_model(model)
    )[0]["prompt"]
    for turns in (grpo, sft[:2], evaluated):
        assert [(turn["role"], _text_of(turn["content"])) for turn in turns] == served
    assert form_warnings(rewarded) == []
    (warning,) = form_warnings(rewarded.model_copy(update={"question_prompt": None}))
    assert "another question prompt ('Where, and why?')" in warning


def test_runs_of_the_graph_begin_with_the_users_own_words(
    kit: Path, own_words: dict[str, Path]
) -> None:
    recipe = SftRecipe(
        model="m", target="graph", graph={"steps": 14, "tool_turns": 1, "letter_orders": 1},
        data={"path": kit / "chains" / "rows.jsonl", "limit": 1}, **own_words,
    )  # fmt: skip
    path = kit / "chains" / "rows.jsonl"
    rows = good_rows(path, "geoagent", None, check_images=False, limit=1)
    turns = json.loads(transcript_table(recipe, rows)[0]["conversation"])
    assert turns[0]["content"] == "You are a guesser.\nWrite tags."
    assert _text_of(turns[1]["content"]) == "Where, and why?"


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text") or "" for part in content)


def test_words_that_cannot_be_read_or_stand_twice_are_one_sentence(tmp_path: Path) -> None:
    start = {"model": "m", "data": {"path": "p"}}
    with pytest.raises(ValidationError, match=r"draft_system .*nowhere: cannot be read"):
        SftRecipe(**start, draft_system=tmp_path / "nowhere")
    (tmp_path / "words").write_text("Where?")
    twice = {"draft_question": tmp_path / "words", "question_prompt": "Where?"}
    with pytest.raises(ValidationError, match="draft_question and question_prompt: name one"):
        SftRecipe(**start, **twice)


def test_the_published_recipe_has_the_same_budget_of_tokens() -> None:
    recipe = (ROOT / "training/recipes/grpo_geoagent.yaml").read_text()
    assert f"max_completion_length: {DRAFT_TOKENS}\n" in recipe
