"""Completions, judges and encoders for tests of rewards."""

import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from geoagent_training.rewards.judge import JudgeQuestion


def completion(
    country: str,
    region: str = "",
    precise: str = "",
    *,
    reasoning: str = "The signs, plates and trees leave one country only. " * 5,
    uncertainty: str | float = 0.2,
) -> str:
    """A chain in the served format, its answer the three texts."""
    fields = [text for text in (country, region, precise) if text]
    stages = {
        name: {
            "Clues": ["sign"],
            "Reasoning": reasoning,
            "Conclusion": text or "unclear place",
            "Uncertainty": uncertainty,
        }
        for name, text in zip(
            ("CountryIdentification", "RegionalGuess", "PreciseLocalization"),
            (country, region, precise),
            strict=True,
        )
    }
    answer = "; ".join(fields)
    chain = {"ChainOfThought": stages, "FinalAnswer": answer}
    return f"<think>{json.dumps(chain, ensure_ascii=False)}</think><answer>{answer}</answer>"


class ScriptedJudge:
    """Says what `reply` returns for a question, and counts the questions."""

    def __init__(self, reply: Callable[[JudgeQuestion], str]) -> None:
        self.reply = reply
        self.asked: list[JudgeQuestion] = []

    def conclude(self, questions: Sequence[JudgeQuestion]) -> list[str]:
        self.asked += questions
        return [self.reply(question) for question in questions]


class TableEncoder:
    """Vectors by text, as given; a text that is not in the table gets its own axis."""

    def __init__(self, table: Mapping[str, Sequence[float]], dimension: int = 8) -> None:
        self.table = table
        self.dimension = dimension
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.calls.append(list(texts))
        return np.array([self._one(text) for text in texts], dtype=np.float32)

    def _one(self, text: str) -> Sequence[float]:
        return self.table.get(text, [0.0] * self.dimension)
