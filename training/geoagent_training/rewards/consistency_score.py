"""The consistency reward: does the reasoning of a level lead to the conclusion of that level?"""

import math
from collections.abc import Callable, Sequence
from typing import Final

from geoagent_graph.geo.names import fold
from geoagent_training.rewards.completions import ParsedCompletion
from geoagent_training.rewards.judge import Judge, JudgeQuestion

WEIGHTS: Final = (0.1, 0.6, 0.3)

SamePlace = Callable[[str, str], bool]


def length_gate(characters: int, bounds: tuple[int, int]) -> float:
    """Return 0 below the first bound, 1 above the second, a sigmoid between."""
    shortest, longest = bounds
    if characters < shortest:
        return 0.0
    if characters > longest:
        return 1.0
    share = (characters - shortest) / (longest - shortest)
    return 1.0 / (1.0 + math.exp(-8.0 * (share - 0.5)))


def score_consistency(
    parsed: Sequence[ParsedCompletion],
    judge: Judge,
    *,
    characters: tuple[int, int],
    same: SamePlace | None = None,
) -> list[float]:
    """Return `sum_i w_i p_i [judge's conclusion = own conclusion]` of each completion.

    All levels of all completions go to the judge in one call; levels that earn nothing anyway
    (too short, no conclusion) are not asked about.

    Args:
        parsed: completions, read.
        judge: reads the reasonings.
        characters: bounds of the length gate.
        same: when two conclusions are equal; None compares them without white space.
    """
    equal = same or _equal_without_spaces
    asked: list[tuple[int, float, str]] = []
    questions: list[JudgeQuestion] = []
    for row, one in enumerate(parsed):
        for level, stage in enumerate(one.stages):
            gate = length_gate(len(stage.reasoning), characters)
            if gate > 0.0 and stage.conclusion:
                before = tuple(earlier.conclusion for earlier in one.stages[:level])
                questions.append(JudgeQuestion(level, stage.reasoning, before))
                asked.append((row, WEIGHTS[level] * gate, stage.conclusion))
    scores = [0.0] * len(parsed)
    if not questions:
        return scores
    for (row, worth, own), said in zip(asked, judge.conclude(questions), strict=True):
        if equal(said, own):
            scores[row] += worth
    return scores


def same_name(one: str, other: str) -> bool:
    """Say whether two texts spell one name; case, accents and punctuation aside."""
    key = fold(one)
    return bool(key) and key == fold(other)


def _equal_without_spaces(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())
