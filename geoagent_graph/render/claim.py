"""Which candidate an answer stands for."""

from geoagent_graph.types import Answer, Hypothesis


def best_candidate(answer: Answer) -> Hypothesis | None:
    """Return the candidate that the answer stands for; None when it claims nothing."""
    if answer.level == "none":
        return None
    candidates = answer.levels.get(answer.level, ())
    names = {answer.place.city, answer.place.country, answer.place.continent}
    ranked = sorted(candidates, key=lambda candidate: -candidate.probability)
    return next((c for c in ranked if c.place.name in names), ranked[0] if ranked else None)
