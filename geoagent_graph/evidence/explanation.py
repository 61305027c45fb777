"""Evidence in sentences for people."""

import math
from collections.abc import Sequence

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.number_words import JOINT_SOURCE
from geoagent_graph.types import Evidence, Place

_MIN_SAID_LOG = 0.1


def evidence_line(likelihood: Likelihood, candidate: Place, where: str, log_lr: float) -> Evidence:
    """Return what one likelihood says about a candidate."""
    meaning = likelihood.meaning_by_country.get(candidate.country_code or "")
    seen = f"{likelihood.description}, {meaning}" if meaning else likelihood.description
    weight = (
        f"{times(log_lr)} in {candidate.name} than in {where}"
        if abs(log_lr) >= _MIN_SAID_LOG
        else f"says nothing for or against {candidate.name}"
    )
    return Evidence(
        place_id=candidate.id,
        source=likelihood.source,
        log_lr=log_lr,
        clue_ids=likelihood.clue_ids,
        reason=f"{seen}; {weight}",
    )


def together_line(lines: Sequence[Evidence], candidate: Place, rest: float) -> Evidence:
    """Return the correction that makes the lines sum to the joint ratio."""
    if rest < -_MIN_SAID_LOG:
        reason = "some clues say the same thing, so together they count for less than one by one"
    elif rest > _MIN_SAID_LOG:
        reason = "the clues fit together here: together they say more than one by one"
    else:
        reason = "the clues are independent of one another here"
    ids = tuple(dict.fromkeys(clue_id for line in lines for clue_id in line.clue_ids))
    return Evidence(
        place_id=candidate.id, source=JOINT_SOURCE, log_lr=rest, clue_ids=ids, reason=reason
    )


def times(log_lr: float) -> str:
    """Return a ratio in words: "12 times likelier", "3 times less likely"."""
    factor = math.exp(min(abs(log_lr), 30.0))
    number = "over 1000" if factor > 1000 else f"{factor:.0f}" if factor >= 10 else f"{factor:.1f}"
    return f"{number} times {'likelier' if log_lr > 0 else 'less likely'}"
