"""What the reader's guess at a line's language says of the language it is in."""

import numpy as np

from geoagent_graph.evidence.language.language_mix import BRANDS, LanguageMix, language_written
from geoagent_graph.evidence.language.line_choice import is_written_in_japan
from geoagent_graph.evidence.ocr_confidence import SHARED_SCRIPTS
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.types import Clue


def reader_likelihood(line: Clue, mix: LanguageMix) -> Floats:
    """Return P(the reader says this language | true language)."""
    settings = table("sign_languages")
    said = line.attributes.get("language", "")
    said = _with_script(language_written(said, settings["same_writing"]), line.attributes["script"])
    values = np.ones(len(mix.languages))
    if said not in mix.number_of:
        return values
    wrong = 1.0 - _right_share(line)
    weights, shares = parameters().language, settings["wrong_guesses"]
    peers = {peer for group in settings["confused"] if said in group for peer in group} - {said}
    # a wrong guess falls on a related language or on one of the reader's favourites
    by_favour = shares.get(said, 1) / 100
    values[:] = (1 - weights.to_peers) * wrong * by_favour
    for peer in peers & set(mix.number_of):
        values[mix.number_of[peer]] += weights.to_peers * wrong / len(peers)
    values[mix.number_of[BRANDS]] = max(weights.least_brand_guess, by_favour)
    values[mix.number_of[said]] = 1.0 - wrong
    if said == "zh_Hant" and is_written_in_japan(line.text):
        # the guess is the script's, which both have
        values[mix.number_of["ja"]] = weights.han_as_hani * (1.0 - wrong)
    return values


def is_sure(line: Clue) -> bool:
    """Say whether the reader is sure of the language."""
    stated = float(line.attributes.get("language_confidence", "0.5"))
    return stated >= parameters().language.sure_from


def _right_share(line: Clue) -> float:
    """Return how often the reader's guess is right for lines like this one."""
    weights = parameters().language
    script, sure = line.attributes["script"], is_sure(line)
    if sure and script not in SHARED_SCRIPTS:
        return weights.right_other_own_script
    return weights.right_other_sure if sure else weights.right_other_unsure


def _with_script(language: str, script: str) -> str:
    if language == "zh" and script == "Hant":
        return "zh_Hant"
    if language == "sr" and script == "Latn":
        return "sr_Latn"
    if language == "uz" and script == "Cyrl":
        return "uz_Cyrl"
    return {"tl": "fil", "nb": "no", "nn": "no", "ku": "ckb" if script == "Arab" else "ku"}.get(
        language, language
    )
