"""How likely a line is in the script it was read in, by the language it is in."""

from collections.abc import Sequence

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


def share_han(lines: Sequence[Clue], given: Floats, mix: LanguageMix) -> Floats:
    """Return P(line | language) where Han letters may be of Japan, Taiwan or China alike.

    Where no line has a letter that only one of them writes, the many photos of China say less: once
    a photo, for the letters are as much at home in the others.
    """
    of_han = [number for number, line in enumerate(lines) if line.attributes["script"] in _HAN]
    if not of_han or any(lines[number].attributes["script"] != "Hani" for number in of_han):
        return given
    shared = given.copy()
    shared[of_han[0], mix.number_of["zh"]] *= parameters().language.hani_in_china
    return shared
