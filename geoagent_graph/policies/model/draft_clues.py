"""The first chain of thought as clues: what the model saw, concluded and claimed to know."""

from geoagent_graph.policies.model.chain import Chain, Stage
from geoagent_graph.types import Clue, Place, clue_id

ANSWER_STAGE = "answer"
_STAGE_WORDS = ("country", "region", "place")


def clues_of_chain(chain: Chain, country: Place, town: Place | None, source: str) -> list[Clue]:
    """Return one clue for the answer, one per conclusion and one per thing seen.

    The answer's clue carries `country_code` and, where the gazetteer knows the town, `town`; stated
    uncertainty stays words, never a probability.
    """
    attributes = {"stage": ANSWER_STAGE, "country_code": country.country_code or ""}
    if town is not None:
        attributes |= {"town": town.name, "place_id": town.id, "region": town.region or ""}
    if chain.problems:
        attributes["problems"] = "; ".join(chain.problems)[:500]
    clues = [_policy_clue(f"answer: {chain.answer}", source, attributes)]
    for word, stage in zip(_STAGE_WORDS, chain.stages, strict=True):
        clues += _clues_of_stage(word, stage, source)
    return list({clue.id: clue for clue in clues}.values())


def _clues_of_stage(word: str, stage: Stage, source: str) -> list[Clue]:
    found = [_policy_clue(f"saw: {text}", source, {"stage": word}) for text in stage.clues]
    if stage.conclusion:
        attributes = {"stage": word}
        if stage.uncertainty:
            attributes["stated_uncertainty"] = stage.uncertainty
        if stage.uncertainty_share is not None:
            attributes["stated_uncertainty_share"] = f"{stage.uncertainty_share:.3f}"
        found.append(_policy_clue(f"{word}: {stage.conclusion}", source, attributes))
    return found


def _policy_clue(text: str, source: str, attributes: dict[str, str]) -> Clue:
    return Clue(
        id=clue_id("policy", source, text),
        kind="policy",
        text=text[:300],
        source=source,
        attributes=attributes,
    )
