"""One sign counts once, and scripts need more than a few letters beside others."""

import numpy as np
import pytest

from geoagent_graph.evidence.language.line_choice import (
    distinct_lines,
    is_written_in_japan,
    settle_scripts,
)
from tests.support.evidence_cases import Case, model, observed, text_clue


def texts(*lines: str) -> list[str]:
    return [line.text for line in distinct_lines([text_clue(t, n) for n, t in enumerate(lines)])]


def probability(code: str, *lines: str) -> float:
    posterior = model().weigh(observed(Case(*lines)), ()).posterior
    return float(posterior.country_probability[model().town_table.number_of[code]])


def test_a_sign_that_is_read_again_is_one_sign() -> None:
    assert texts("Boulangerie", "Boulangerie", "Boulangerle", "langerie") == ["Boulangerie"]
    assert texts("Boulangerie", "Tabac") == ["Boulangerie", "Tabac"]


def test_reading_a_sign_three_times_adds_nothing() -> None:
    once = observed(Case("Trgovina"))
    thrice = observed(Case("Trgovina", "TRGOVINA", "Trgovin"))
    alone = model().weigh(once, ()).posterior.country_probability
    assert np.allclose(alone, model().weigh(thrice, ()).posterior.country_probability)


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("GR", ("清潔できれいな町", "οἵ")),
        ("TH", ("Bakery and Coffee", "๑ฑ")),
        ("KR", ("Sports Centre", "이")),
        ("TW", ("EPPING FOREST", "坊")),
    ],
    ids=str,
)
def test_a_few_letters_among_another_script_are_stray(code: str, lines: tuple[str, ...]) -> None:
    assert probability(code, *lines) < 0.1


def test_a_script_by_itself_stands() -> None:
    lines = [text_clue("약국", 0)]
    assert settle_scripts(lines) == lines
    assert probability("KR", "약국") > 0.5


def test_simplified_letters_among_traditional_ones_are_not_mainland_china() -> None:
    lines = ("臺灣銀行", "西藥房", "台湾")
    assert probability("CN", *lines) < 0.05


@pytest.mark.parametrize(
    "lines",
    [
        ("立入禁止",),
        ("非常口",),
        ("駐車禁止",),
        ("禁煙",),
        ("関係者以外立入禁止",),
        ("消火栓",),
        ("一方通行",),
        ("消火器",),
        ("小児科",),
        ("通学路",),
    ],
    ids=str,
)
def test_japanese_in_han_letters_is_not_chinese(lines: tuple[str, ...]) -> None:
    assert probability("JP", *lines) > 0.5
    assert probability("CN", *lines) < 0.2


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("CN", ("禁止停车",)),
        ("CN", ("出口", "停车场")),
        ("CN", ("停车场入口",)),
        ("TW", ("停車場入口",)),
        ("TW", ("臺南", "中正路")),
        ("TW", ("請勿停車",)),
    ],
    ids=str,
)
def test_chinese_stays_chinese(code: str, lines: tuple[str, ...]) -> None:
    assert probability(code, *lines) > 0.4


def test_letters_that_japan_writes_too() -> None:
    assert is_written_in_japan("駐車場")
    assert not is_written_in_japan("藥房")
    assert is_written_in_japan("出口")


@pytest.mark.parametrize("line", ["CKAAA", "PECTOPAH", "MOCKBA", "AПTEKA", "HOPTA"])
def test_letters_that_look_alike_tell_no_language(line: str) -> None:
    posterior = model().weigh(observed(Case(line)), ()).posterior
    assert posterior.country_probability.max() < 0.55


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("FI", ("MANGO", "ANANAS", "KIWI", "BANAN", "PAPAYA")),
        ("IT", ("Cappuccino", "Latte", "Espresso", "Macchiato")),
        ("IT", ("Pizza Margherita", "Quattro Formaggi", "Tiramisu")),
        ("ES", ("Mojito", "Tequila", "Piña colada")),
        ("JP", ("Sushi", "Ramen", "Tempura", "Sashimi")),
        ("AL", ("BUFE",)),
    ],
    ids=str,
)
def test_menus_and_fragments_are_in_no_language(code: str, lines: tuple[str, ...]) -> None:
    assert probability(code, *lines) < 0.5
