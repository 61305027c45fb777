"""Whether a whole run of the graph fits into the tokens of its conversation, before anything loads.

What the graph says was counted with Qwen2.5's tokenizer on runs over drawn scenes (question 169,
choice 157, result of a tool 86, both first turns 210 tokens at most); what stands here leaves room
for more clues, longer names and a correction.
"""

import json
import math
from pathlib import Path
from typing import Any, Final

from geoagent_training.errors import ConfigError
from geoagent_training.recipe import GraphChoice, GrpoRecipe

PROMPT_TOKENS: Final = 300
QUESTION_TOKENS: Final = 260
CHOICE_TOKENS: Final = 200
RESULT_TOKENS: Final = 160
PIXELS_A_TOKEN: Final = 28 * 28
LEVELS_WITH_TOOLS: Final = 2  # countries and towns; continents are chosen from at once


def run_tokens(graph: GraphChoice) -> int:
    """Return the tokens of a run after its first question: one attempt at each level.

    Every reply is taken at its longest, every level with all its uses of tools and a verdict.
    """
    turns = (graph.tool_turns + 1) * graph.turn_tokens + QUESTION_TOKENS
    results = graph.tool_turns * RESULT_TOKENS
    verdict = QUESTION_TOKENS + graph.turn_tokens
    level = turns + results + CHOICE_TOKENS + 1 + verdict
    return graph.draft_tokens + CHOICE_TOKENS + 1 + LEVELS_WITH_TOOLS * level


def check_conversation(recipe: GrpoRecipe, args: Any) -> None:
    """Refuse a recipe whose runs of the graph do not fit into their conversations.

    Args:
        recipe: what to do; only `rollouts: graph` has conversations.
        args: TRL's arguments.

    Raises:
        ConfigError: a run, or with its photo a conversation, is longer than allowed; the message
            says by how much and which keys to change.
    """
    if recipe.rollouts != "graph":
        return
    needed, room = run_tokens(recipe.graph), int(args.max_completion_length)
    if room < needed:
        raise ConfigError(
            f"trainer.max_completion_length is {room}: a whole run of the graph may take {needed} "
            "tokens. Raise it, or lower graph.draft_tokens, graph.turn_tokens or graph.tool_turns"
        )
    photo = math.ceil(recipe.max_pixels / PIXELS_A_TOKEN) + 2
    whole = PROMPT_TOKENS + photo + room
    for name, most in _limits(recipe, args).items():
        if whole > most:
            raise ConfigError(
                f"{name} is {most} tokens: a photo of max_pixels ({photo} tokens), the question "
                f"({PROMPT_TOKENS}) and trainer.max_completion_length ({room}) need {whole}"
            )


def _limits(recipe: GrpoRecipe, args: Any) -> dict[str, int]:
    """Return the most tokens a conversation may have, as far as it is known without a model."""
    given = args.vllm_max_model_length if recipe.vllm is not None else None
    limits = {"trainer.vllm_max_model_length": given}
    limits[f"the context of {recipe.model}"] = _model_positions(Path(recipe.model))
    return {name: int(most) for name, most in limits.items() if most}


def _model_positions(folder: Path) -> int | None:
    """Return the positions that a model's folder states; None for a name, or where it is silent."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        found = (config.get("text_config") or config).get("max_position_embeddings")
    except (OSError, ValueError, AttributeError):
        return None
    return found if isinstance(found, int) else None
