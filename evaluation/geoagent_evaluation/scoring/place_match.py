"""Whether a predicted place is the true one: by codes or names in the files, or by a gazetteer."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from geoagent_evaluation.contract.places import PlaceCodes
from geoagent_evaluation.contract.tables import Words
from geoagent_evaluation.scoring.countries import continents_of

Ternary = NDArray[np.int8]  # 1 right, 0 wrong, -1 unknown


@lru_cache(maxsize=1 << 16)
def comparable_name(name: str) -> str:
    """Return a name or code as it is compared: compatibility form, case folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def match_words(predicted: Sequence[str | None], true: Sequence[str | None]) -> Ternary:
    """Return 1 where two words are the same, 0 where they differ or none is predicted.

    -1 where the truth is not known.
    """
    return np.fromiter(
        (_match(word, right) for word, right in zip(predicted, true, strict=True)),
        dtype=np.int8,
        count=len(true),
    )


def match_places(predicted: PlaceCodes, true: PlaceCodes) -> Mapping[str, Ternary]:
    """Return for each level whether the predicted place is the true one, as `match_words` does.

    A region or a city is right only in the right country, if both countries are known.
    """
    country = match_words(predicted.country, true.country)
    return {
        "continent": match_words(_continents(predicted), _continents(true)),
        "country": country,
        "region": _inside_country(match_words(predicted.region, true.region), country, predicted),
        "city": _inside_country(match_words(predicted.city, true.city), country, predicted),
    }


def _continents(codes: PlaceCodes) -> Words:
    """Return the continents that are stated, else those of the countries."""
    derived = continents_of(codes.country)
    stated = codes.continent or derived
    return [one or other for one, other in zip(stated, derived, strict=True)]


def _match(predicted: str | None, true: str | None) -> int:
    if true is None:
        return -1
    if predicted is None:
        return 0
    return int(predicted == true or comparable_name(predicted) == comparable_name(true))


def _inside_country(match: Ternary, country: Ternary, predicted: PlaceCodes) -> Ternary:
    """Return the match, wrong where another country was named: there are many Springfields."""
    named = np.array([word is not None for word in predicted.country], dtype=np.bool_)
    elsewhere = (country == 0) & named
    return np.where((match == 1) & elsewhere, 0, match).astype(np.int8)
