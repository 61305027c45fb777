"""Answers of a policy that may use tools: the loop that TRL runs in training, but greedy."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from geoagent_graph.policies.model.replies import ReplyError, read_object
from geoagent_training.evaluation import complete_turns, with_photo
from geoagent_training.rollouts.tool_environment import PhotoEnvironment
from geoagent_training.rollouts.tool_format import TOOLS

MAX_CALLS: Final = 2


@dataclass
class ToolTalk:
    """One conversation: its turns, the photo's tools, and how many of them were used."""

    turns: list[dict[str, Any]]
    environment: PhotoEnvironment
    reply: str = ""
    called: list[str] = field(default_factory=list)


def answer_with_tools(
    model: Any, processor: Any, table: Any, *, max_new_tokens: int, batch_size: int = 60
) -> list[ToolTalk]:
    """Return the conversations about the photos of a table, each to its last reply."""
    talks: list[ToolTalk] = []
    model.eval()
    for start in range(0, len(table), batch_size):
        rows = table[start : start + batch_size]
        batch = [
            _new_talk(prompt, picture)
            for prompt, picture in zip(rows["prompt"], rows["image"], strict=True)
        ]
        for _ in range(MAX_CALLS + 1):
            asked = [talk for talk in batch if not talk.reply]
            if asked:
                turns = [talk.turns for talk in asked]
                said = complete_turns(model, processor, turns, max_new_tokens)
                for talk, text in zip(asked, said, strict=True):
                    _hear_reply(talk, text)
        talks += batch
    return talks


def _new_talk(prompt: list[dict[str, Any]], picture: Any) -> ToolTalk:
    environment = PhotoEnvironment()
    environment.reset(image=picture)
    return ToolTalk(with_photo(prompt, picture), environment)


def _hear_reply(talk: ToolTalk, text: str) -> None:
    """Run the tool that a reply asks for, or take the reply as the last one."""
    chosen = _call_in(text)
    if chosen is None or len(talk.called) == MAX_CALLS:
        talk.reply = text or " "
        return
    name = str(chosen.pop("action"))
    talk.turns.append({"role": "assistant", "content": [{"type": "text", "text": text}]})
    try:
        blocks = asyncio.run(getattr(talk.environment, name)(**chosen))
    except TypeError as error:  # arguments that the tool does not take
        blocks = [{"type": "text", "text": f"failed: {error}"}]
    talk.called.append(name)
    talk.turns.append({"role": "user", "content": blocks})


def _call_in(text: str) -> dict[str, Any] | None:
    try:
        chosen = read_object(text).get("next")
    except ReplyError:
        return None
    return dict(chosen) if isinstance(chosen, dict) and chosen.get("action") in TOOLS else None
