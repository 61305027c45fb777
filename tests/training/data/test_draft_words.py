"""The first question is asked in the same words and budgets in training and in serving."""

from geoagent_training.data.chat_rows import prompt_messages

from geoagent_graph.policies.model.chat import Message
from geoagent_graph.policies.model.draft import draft_request
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.options import DRAFT_TOKENS
from tests.support.paths import ROOT


def test_serving_asks_what_training_shows() -> None:
    request = draft_request((), (), ModelPolicyOptions())
    served = [(turn.role, turn.parts) for turn in request.messages]
    trained = [Message(m["role"], (m["content"],)) for m in prompt_messages()]
    assert served == [(turn.role, turn.parts) for turn in trained]


def test_the_published_recipe_has_the_same_budget_of_tokens() -> None:
    recipe = (ROOT / "training/recipes/grpo_geoagent.yaml").read_text()
    assert f"max_completion_length: {DRAFT_TOKENS}\n" in recipe
