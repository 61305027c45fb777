"""A model's choices in the trace: written when they are made, read again to fit a calibration."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geoagent_graph.call_log import log_call
from geoagent_graph.policies.model.choice import OptionShares
from geoagent_graph.protocols import Situation
from geoagent_graph.types import Answer, Hypothesis, Level, Place, ToolCall

_TOOL: Final = "choice"


@dataclass(frozen=True, slots=True)
class RecordedChoice:
    """Shares that a model gave places inside a region, before any calibration.

    `shares` sum to 1; where there is one more than `places`, the last is "somewhere else".
    """

    level: Level
    within: str | None
    places: tuple[Place, ...]
    shares: tuple[float, ...]


def log_choice(situation: Situation, places: Sequence[Place], weighed: OptionShares) -> None:
    """Write a choice into the step that is running."""
    log_call(
        ToolCall(
            tool=_TOOL,
            arguments={
                "level": situation.level,
                "within": situation.within.id if situation.within else None,
                "places": [place.id for place in places],
                "by": str(weighed),
            },
            result=json.dumps([round(share, 9) for share in weighed.raw]),
            seconds=0.0,  # the model's calls stand beside it
        )
    )


def read_choices(answer: Answer) -> list[RecordedChoice]:
    """Return the choices that led to an answer, in their order."""
    found = []
    for step in answer.trace:
        listed = step.detail.get("hypotheses")
        if step.node != "propose" or step.level is None or not isinstance(listed, list):
            continue
        places = {h.place.id: h.place for h in map(Hypothesis.model_validate, listed)}
        for call in step.tools:
            ids = call.arguments.get("places")
            if call.tool != _TOOL or not isinstance(ids, list):
                continue
            within = call.arguments["within"]
            if all(place_id in places for place_id in ids):
                found.append(
                    RecordedChoice(
                        level=step.level,
                        within=within if isinstance(within, str) else None,
                        places=tuple(places[str(place_id)] for place_id in ids),
                        shares=tuple(json.loads(call.result)),
                    )
                )
    return found
