"""How a model is used as a policy, and one action as it chose it."""

from dataclasses import dataclass
from typing import Any, Literal

from geoagent_graph.policies.model.actions import Action
from geoagent_graph.policies.options import DRAFT_TOKENS, Mode
from geoagent_graph.types import FrozenModel, Place


class ModelPolicyOptions(FrozenModel):
    """How the model is used.

    `vision` False is for models that read text only: they get the tools' clues instead.
    `tool_turns` bounds the actions before candidates must be named; `pictures` how many pictures
    one question shows. `draft_tokens` 0 goes without the first chain of thought. A candidate of at
    least `accept_at` is accepted without asking; `judged_by` "reader" leaves all verdicts to the
    reader's thresholds, for models too small to judge. `mode` "conversation" asks all questions of
    a run in one conversation, "draft" one question, and takes what it states, with `stated_share`
    as its probability: set by hand, the least that an answer claims, for nobody has measured it.
    `draft_system` and `draft_question` are the user's own words of the first question.
    """

    vision: bool = True
    tool_turns: int = 2
    pictures: int = 4
    draft_tokens: int = DRAFT_TOKENS
    turn_tokens: int = 512
    accept_at: float = 0.8
    judged_by: Literal["model", "reader"] = "model"
    orders: int = 2
    samples: int = 8
    seed: int = 0
    mode: Mode = "graph"
    stated_share: float = 0.5
    draft_system: str | None = None
    draft_question: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One action as the model chose it; `places` are the candidates of a `propose`."""

    action: Action
    arguments: dict[str, Any]
    places: tuple[Place, ...]
    text: str
