"""Rewards for the way a policy uses its tools.

Both need a finished answer, so that neither pays for stalling.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from geoagent_training.rewards.completions import Completion, parse_completion, text_of

FREE_CALLS: Final = 2
MAX_CALLS: Final = 6


def tool_use(completions: Sequence[Completion], **_columns: Any) -> list[float | None]:
    """Return the share of tool calls that worked and were not asked before; 0 without a call."""
    return [_tool_use(completion) for completion in completions]


def step_budget(completions: Sequence[Completion], **_columns: Any) -> list[float | None]:
    """Return 1 up to `FREE_CALLS` tool calls, falling to 0 at `MAX_CALLS`."""
    rewards: list[float | None] = []
    for completion in completions:
        over = max(0, len(_tool_results(completion)) - FREE_CALLS) / (MAX_CALLS - FREE_CALLS)
        rewards.append(max(0.0, 1.0 - over) if _has_answer(completion) else 0.0)
    return rewards


def _tool_use(completion: Completion) -> float:
    calls, results = _tool_calls(completion), _tool_results(completion)
    if not results or not _has_answer(completion):
        return 0.0
    new: set[str] = set()
    worked = 0
    for call, result in zip(calls, results, strict=False):
        if call not in new and "failed:" not in result and '"error"' not in result:
            worked += 1
        new.add(call)
    return worked / max(len(calls), len(results))


def _has_answer(completion: Completion) -> bool:
    answer = parse_completion(text_of(completion)).answer
    return answer is not None and bool(answer.fields[0])


def _tool_calls(completion: Completion) -> list[str]:
    if isinstance(completion, str):
        return []
    made = [call for turn in completion for call in turn.get("tool_calls") or ()]
    return [json.dumps(call.get("function", call), sort_keys=True, default=str) for call in made]


def _tool_results(completion: Completion) -> list[str]:
    if isinstance(completion, str):
        return []
    return [_content_text(turn.get("content")) for turn in completion if turn.get("role") == "tool"]


def _content_text(content: Any) -> str:
    if isinstance(content, str):
        return content
    blocks: Sequence[Mapping[str, Any]] = content or ()
    return "".join(str(block.get("text", "")) for block in blocks)
