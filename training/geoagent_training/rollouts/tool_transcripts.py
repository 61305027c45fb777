"""Transcripts of tool use to learn from before GRPO: the tools are really run."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geoagent_graph.policies.model.prompts import DRAFT_QUESTION
from geoagent_training.rollouts.tool_environment import PhotoEnvironment
from geoagent_training.rollouts.tool_format import thought_text
from geoagent_training.rollouts.tool_prompts import AGENT_SYSTEM


@dataclass(frozen=True, slots=True)
class ToolStep:
    """What the policy says, and the tool it then uses.

    The thought may not be empty: the served policy asks for one.
    """

    thought: str
    tool: str
    arguments: dict[str, Any]

    def __post_init__(self) -> None:
        if not self.thought.strip():
            raise ValueError("a tool step needs a thought")


def tool_transcript(
    picture: Any,
    steps: Sequence[ToolStep],
    reply: str,
    *,
    system: str = AGENT_SYSTEM,
    question: str | None = None,
) -> dict[str, Any]:
    """Return one row for `ConversationCollator`: what was asked, done, seen and answered.

    The processor that renders it must speak in actions (`tool_format.speak_in_actions`).

    Args:
        picture: PIL photo.
        steps: tools in order.
        reply: the last words of the policy.
        system: words of the system turn.
        question: words of the first question; None takes those of the served policy.
    """
    environment = PhotoEnvironment()
    environment.reset(image=picture)
    pictures = [picture]
    turns: list[dict[str, Any]] = [
        {"role": "system", "content": system},
        {"role": "user", "content": [{"type": "image"}, _text_block(question or DRAFT_QUESTION)]},
    ]
    for step in steps:
        call = {"name": step.tool, "arguments": step.arguments}
        turns.append(
            {
                "role": "assistant",
                "content": thought_text(step.thought),
                "tool_calls": [{"type": "function", "function": call}],
            }
        )
        blocks = asyncio.run(getattr(environment, step.tool)(**step.arguments))
        pictures += [block["image"] for block in blocks if block["type"] == "image"]
        shown = [{"type": "image"} if block["type"] == "image" else block for block in blocks]
        turns.append({"role": "tool", "name": step.tool, "content": shown})
    turns.append({"role": "assistant", "content": reply})
    return {
        "conversation": json.dumps(turns, ensure_ascii=False),
        "images": pictures,
    }


def _text_block(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}
