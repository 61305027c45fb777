"""Menus: which lines are one, and what their language says of countries."""

import pytest

from geoagent_graph.evidence.language.menus import menu_lines, names_dish
from tests.support.evidence_cases import Case, model, observed, text_clue


def most_likely(*lines: str) -> tuple[str, float]:
    """Return the likeliest country and its probability."""
    posterior = model().weigh(observed(Case(*lines)), ()).posterior
    number = int(posterior.country_probability.argmax())
    return model().town_table.codes[number], float(posterior.country_probability[number])


@pytest.mark.parametrize(
    "text",
    [
        "PHỞ BÒ 45.000",
        "Gulyásleves",
        "Jägerschnitzel",
        "牛肉面",
        "ผัดไทย",
        "김치찌개",
        "JAMON IBERICO",
    ],
)
def test_dishes_are_known(text: str) -> None:
    assert names_dish(text)


@pytest.mark.parametrize("text", ["Hauptstraße 12", "Open daily", "COM", "公園", "Schnitzelmann"])
def test_other_words_are_no_dishes(text: str) -> None:
    assert not names_dish(text)


def test_lines_beside_two_dishes_are_of_the_menu() -> None:
    lines = ("Antipasti", "Tagliatelle al ragù", "Acqua", "Ristorante", "Hauptstraße 12")
    clues = [text_clue(text, number) for number, text in enumerate(lines)]
    assert menu_lines(clues) == {clue.id for clue in clues[:4]}
    assert menu_lines(clues[1:2]) == {clues[1].id}
    assert menu_lines([clues[1], clues[4]]) == {clues[1].id}
    assert menu_lines([]) == frozenset()


@pytest.mark.parametrize(
    "lines",
    [
        ("BÚN CHẢ", "GỎI CUỐN", "CƠM TẤM"),
        ("Antipasti", "Spaghetti alle vongole", "Dolci"),
        ("ต้มยำกุ้ง", "ผัดไทย"),
        ("Pierogi ruskie", "Żurek", "Bigos"),
        ("فلافل", "شاورما", "حمص"),
    ],
)
def test_a_menu_alone_claims_no_country(lines: tuple[str, ...]) -> None:
    _, probability = most_likely(*lines)
    assert probability < 0.55


def test_other_signs_beside_a_menu_count_in_full() -> None:
    menu = ("BÚN CHẢ", "GỎI CUỐN")
    assert most_likely(*menu, "Hauptstraße 12", "Apotheke")[0] == "DE"
    country, probability = most_likely(*menu, "Đường Lê Lợi", "Nhà thuốc")
    assert (country, probability > 0.8) == ("VN", True)
