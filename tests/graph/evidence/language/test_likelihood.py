"""Languages of lines as a likelihood over countries, on a mix of three languages."""

import math

import numpy as np
import pytest

from geoagent_graph.evidence.language.language_mix import BRANDS, LanguageMix
from geoagent_graph.evidence.language.likelihood import (
    MAX_LINES,
    country_log,
    language_likelihood,
    line_likelihood,
)
from geoagent_graph.types import Clue

LANGUAGES = ("de", "ru", BRANDS)
MIX = LanguageMix(
    languages=LANGUAGES,
    scripts=("Latn", "Cyrl", "Latn"),
    number_of={language: number for number, language in enumerate(LANGUAGES)},
    share=np.array([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05]]),
)


def line(text: str, script: str = "Latn", language: str | None = None, number: int = 0) -> Clue:
    """Return a line of text as a reader gives it."""
    attributes = {"script": script} if script else {}
    if language:
        attributes |= {"language": language, "language_confidence": "0.900"}
    return Clue(id=f"text:{number}", kind="text", text=text, source="reader", attributes=attributes)


def test_one_line_is_weighed_by_the_mix() -> None:
    given = np.array([[1.0, 0.1, 0.5]])
    values = np.exp(country_log(given, MIX.share, shared=0.6))
    expected = [0.9 * 1.0 + 0.05 * 0.1 + 0.05 * 0.5, 0.05 * 1.0 + 0.9 * 0.1 + 0.05 * 0.5]
    assert values == pytest.approx(expected)


def test_lines_of_one_language_say_less_than_independent_ones() -> None:
    given = np.array([[1.0, 0.01, 0.01]])
    one = country_log(given, MIX.share, shared=0.6)
    many = country_log(np.repeat(given, 10, axis=0), MIX.share, shared=0.6)
    lead = float(one[0] - one[1])
    assert lead < float(many[0] - many[1]) < 5 * lead
    independent = country_log(np.repeat(given, 2, axis=0), MIX.share, shared=0.0)
    assert independent == pytest.approx(2 * one)


def test_a_script_speaks_for_its_languages() -> None:
    german, russian, brand = line_likelihood(line("улица", "Cyrl"), MIX)
    assert russian > 100 * german
    assert brand == german
    german, russian, _ = line_likelihood(line("Ba", "Latn"), MIX)
    assert russian == pytest.approx(0.03 * german)  # Russian in Latin letters is rare


def test_a_guess_that_rests_on_a_name_says_little() -> None:
    plain = line_likelihood(line("Schuhmacher", language="de"), MIX)
    name = line_likelihood(line("Schuhmacher", language="de"), MIX, ["Schuhmacher"])
    assert plain[0] / plain[2] > name[0] / name[2] > 1


def test_nothing_read_is_no_likelihood() -> None:
    unread = line("улица", "Cyrl").model_copy(update={"kind": "script"})
    assert language_likelihood([line("x"), line("12"), unread, line("Haus", "")], MIX) is None
    assert language_likelihood([], MIX) is None


def test_the_longest_lines_are_taken_and_described() -> None:
    lines = [
        line("Haus" + chr(97 + number % 26) * (3 + 2 * number), language="de", number=number)
        for number in range(26)
    ]
    likelihood = language_likelihood(lines, MIX)
    assert likelihood is not None
    assert likelihood.clue_ids[0] == "text:25"
    assert len(likelihood.clue_ids) == MAX_LINES
    assert likelihood.description.startswith("24 lines in Latin script, read as German")
    assert math.isfinite(likelihood.country.sum())
    assert likelihood.country[0] > likelihood.country[1]


def test_codes_in_latin_letters_are_no_language() -> None:
    assert language_likelihood([line("BC 9911BK"), line("KE", number=1)], MIX) is None


@pytest.mark.parametrize("text", ["ΕΒ", "РН"])
def test_a_few_letters_that_look_latin_are_no_script(text: str) -> None:
    script = "Grek" if text == "ΕΒ" else "Cyrl"
    assert language_likelihood([line(text, script)], MIX) is None
