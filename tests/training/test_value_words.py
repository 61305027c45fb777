"""Words for values that do not fit."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from geoagent_training.value_words import misfit_words, short_value, type_words
from pydantic import Field


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (int, "a whole number"),
        (Annotated[int, Field(ge=2)] | None, "a whole number from 2 on"),
        (Annotated[float, Field(gt=0, le=1)], "a number above 0 to 1"),
        (Literal["a", "b"] | None, "a or b"),
        (Path | None, "the name of a file or folder"),
        (tuple[int, int], "a list of 2, each entry a whole number"),
        (dict[str, Any], "a mapping of keys to values"),
        (bool | str, "true or false or a text"),
    ],
)
def test_a_type_says_what_it_takes(hint: Any, words: str) -> None:
    assert type_words(hint) == words


def test_a_long_value_is_cut_and_a_near_choice_is_named() -> None:
    assert len(short_value("x" * 500)) < 70
    assert short_value(None) == "null"
    said = misfit_words("device", "cdua", Literal["cuda", "cpu"])
    assert said == "device is 'cdua': write cuda or cpu; did you mean cuda?"
