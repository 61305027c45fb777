"""Completions read as the published reward classes read them, for `strict_reference: true`.

Written from the paper's description (training/README.md has the table): nothing is mended and
nothing is refused. White space before the first tag or text behind the last one costs the format
reward alone; the first answer tags count; the chain must be strict JSON, and its texts stay as they
are.
"""

import json
from functools import lru_cache
from typing import Any, Final

from geoagent_graph.policies.model.chain import STAGES, Stage
from geoagent_training.rewards.answer_fields import AnswerFields, split_names
from geoagent_training.rewards.completions import MAX_COMPLETION_CHARACTERS, ParsedCompletion

_NOTHING: Final = ParsedCompletion(False, None, (), None)


@lru_cache(maxsize=2048)
def read_as_published(text: str) -> ParsedCompletion:
    """Return what a completion says to the published rewards; too long a text says nothing."""
    if len(text) > MAX_COMPLETION_CHARACTERS:
        return _NOTHING
    answer = _text_between(text, "<answer>", "</answer>")
    thought = _text_between(text, "<think>", "</think>")
    return ParsedCompletion(
        _is_exact_form(text),
        None if answer is None else _plain_fields(answer),
        () if thought is None else _strict_stages(thought),
        None,
    )


def _text_between(text: str, opening: str, closing: str) -> str | None:
    start = text.find(opening)
    end = text.find(closing, start + len(opening)) if start >= 0 else -1
    return text[start + len(opening) : end] if end >= 0 else None


def _is_exact_form(text: str) -> bool:
    """Say whether a text is `<think>...</think><answer>...</answer>`, white space between them."""
    if not (text.startswith("<think>") and text.endswith("</answer>")):
        return False
    at = text.find("</think>")
    while at >= 0:
        behind = text[at + len("</think>") :].lstrip()
        if behind.startswith("<answer>"):
            return len(behind) >= len("<answer></answer>")
        at = text.find("</think>", at + 1)
    return False


def _plain_fields(answer: str) -> AnswerFields:
    """Return the fields of an answer, unfiltered; only half-width semicolons part `raw_fields`."""
    parts = tuple(part for part in (part.strip() for part in answer.split(";")) if part)
    return AnswerFields(split_names(answer), parts, ("", "", ""), None, abstains=False)


def _strict_stages(thought: str) -> tuple[Stage, ...]:
    """Return the three stages of a chain in strict JSON; nothing where one is missing."""
    try:
        chain = json.loads(thought)
    except (ValueError, RecursionError):
        return ()
    inner = chain.get("ChainOfThought", chain) if isinstance(chain, dict) else None
    if not isinstance(inner, dict):
        return ()
    found = tuple(_read_stage(inner.get(name)) for name in STAGES)
    return () if None in found else tuple(stage for stage in found if stage is not None)


def _read_stage(value: Any) -> Stage | None:
    if not isinstance(value, dict):
        return None
    texts = [value.get(name, "") for name in ("Reasoning", "Conclusion")]
    reasoning, conclusion = (text if isinstance(text, str) else str(text) for text in texts)
    return Stage(reasoning=reasoning, conclusion=conclusion)
