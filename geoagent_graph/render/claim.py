"""Which candidates an answer stands for and is measured against."""

from collections.abc import Mapping

from geoagent_graph.types import LEVELS, Answer, Hypothesis, Level


def best_candidate(answer: Answer) -> Hypothesis | None:
    """Return the candidate that the answer stands for; None when it claims nothing."""
    if answer.level == "none":
        return None
    candidates = answer.levels.get(answer.level, ())
    names = {answer.place.city, answer.place.country, answer.place.continent}
    ranked = sorted(candidates, key=lambda candidate: -candidate.probability)
    return next((c for c in ranked if c.place.name in names), ranked[0] if ranked else None)


def deepest_candidates(levels: Mapping[Level, tuple[Hypothesis, ...]]) -> tuple[Hypothesis, ...]:
    """Return the candidates of the deepest level that was looked at."""
    looked_at = [levels[level] for level in LEVELS if levels.get(level)]
    return looked_at[-1] if looked_at else ()
