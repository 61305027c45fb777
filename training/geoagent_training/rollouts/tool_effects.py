"""What tools changed: a choice as it was made, and as it is made without what the tools said.

Both are asked of the same policy in the same words and letters; in the second the results of the
tools used since the choice before are blank. The difference is due to the results alone, however
often or in what words they were asked for.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geoagent_graph.policies.model.choice import LETTERS
from geoagent_graph.policies.model.policy import option_label
from geoagent_graph.state import load
from geoagent_graph.types import Hypothesis, Place, Step


@dataclass(frozen=True, slots=True)
class ToolEffect:
    """The log-probabilities of letters with the results of tools and without them.

    `number` counts the choices of the run from 0; `question` holds the lettered options.
    """

    number: int
    purpose: str
    question: str
    after: Mapping[str, float]
    before: Mapping[str, float]


def blank_result(told: str) -> str:
    """Return what a tool said as if it had found nothing."""
    head, _, rest = told.partition("\n")
    return f"{head}\nnothing\n{rest.rpartition(chr(10))[2]}"


def effect_rows(effects: Sequence[ToolEffect], steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return effects for a reward: of each choice its level, its places, and their shares.

    A row has `level`, `countries` (names), `points` (latitude and longitude in degrees), `before`
    and `after` (shares, each adding up to at most 1).
    """
    found: list[Any] = [s.detail.get("hypotheses") for s in steps if s.node == "propose"]
    proposed = [load(Hypothesis, one) for one in found if one]
    return [
        _effect_row(effect, proposed[effect.number])
        for effect in effects
        if effect.number < len(proposed)
    ]


def _effect_row(effect: ToolEffect, hypotheses: Sequence[Hypothesis]) -> dict[str, Any]:
    lines = [line.split(". ", 1) for line in effect.question.splitlines()]
    letter_of = {line[1]: line[0] for line in lines if len(line) == 2 and line[0] in LETTERS}
    places = [hypothesis.place for hypothesis in hypotheses]
    letters = [letter_of.get(option_label(place, places), "") for place in places]
    return {
        "level": effect.purpose.rpartition(".")[2],
        "countries": [place.country or "" for place in places],
        "points": [_point_of(place) for place in places],
        "before": [_share_of(effect.before, letter) for letter in letters],
        "after": [_share_of(effect.after, letter) for letter in letters],
    }


def _point_of(place: Place) -> tuple[float, float]:
    return place.lat_deg, place.lon_deg


def _share_of(logprobs: Mapping[str, float], letter: str) -> float:
    return math.exp(logprobs[letter]) if letter in logprobs else 0.0
