"""How likely a line is in the script it was read in, by the language it is in."""

import numpy as np

from geoagent_graph.evidence.language.language_mix import LanguageMix
from geoagent_graph.evidence.language.line_choice import is_written_in_japan
from geoagent_graph.evidence.ocr_confidence import script_trust
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.types import Clue

_HAN = frozenset({"Hani", "Hans", "Hant", "Jpan"})


def trusted_script(line: Clue, mix: LanguageMix) -> Floats:
    """Return P(script | language), as far as the script may be trusted."""
    trust = script_trust(line)
    stray = parameters().language.stray_reading
    return np.asarray(trust * _script_likelihood(line, mix) + (1 - trust) * stray)


def _script_likelihood(line: Clue, mix: LanguageMix) -> Floats:
    weights, script = parameters().language, line.attributes["script"]
    in_japan = script == "Hant" and is_written_in_japan(line.text)
    values = np.full(len(mix.languages), weights.stray_script)
    for number, own in enumerate(mix.scripts):
        if own == script:
            values[number] = 1.0
        elif own == "Jpan" and in_japan:
            values[number] = weights.han_as_hani
        elif script == "Latn":
            values[number] = weights.transliterated
        elif script == "Hani" and own in _HAN:
            values[number] = weights.han_as_hani
        elif script in _HAN and own in _HAN:
            values[number] = weights.han_as_other_han
        elif script == "Hani" and own == "Hang":
            values[number] = weights.hangul_as_hani
    return values
