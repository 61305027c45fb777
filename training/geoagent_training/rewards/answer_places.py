"""The names an answer claims, given back where only their look was doubtful.

A field that reads like a placeholder or a list of guesses counts as empty, unless it is the very
name of a town or region of the country that was named (Nan, Truth or Consequences, Val-d'Or), or
says what the truth says.
"""

from collections.abc import Callable
from typing import Final

from geoagent_graph.geo.names import fold
from geoagent_training.rewards.answer_fields import AnswerFields
from geoagent_training.rewards.place_names import Fields

LiesIn = Callable[[str, str], bool]
"""Says whether the second text is exactly the name of a town or region of the first."""


_NOTHING_DOUBTFUL: Final[Fields] = ("", "", "")


def claims_of_answer(answer: AnswerFields, lies_in: LiesIn, truth: Fields = ("", "", "")) -> Fields:
    """Return country, region and place of an answer; those without a country are empty."""
    if answer.doubtful == _NOTHING_DOUBTFUL:
        return answer.fields
    country, *finer = answer.fields
    if not country or not any(answer.doubtful[1:]):
        return answer.fields
    region, place = (
        doubtful
        if doubtful and (_is_same(doubtful, right) or lies_in(country, doubtful))
        else field
        for field, doubtful, right in zip(finer, answer.doubtful[1:], truth[1:], strict=True)
    )
    return country, region, place


def _is_same(said: str, right: str) -> bool:
    return bool(said) and fold(said) == fold(right)
