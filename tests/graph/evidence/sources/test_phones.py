"""Signs that name their town beside a number of its dialling area."""

import pytest

from geoagent_graph.evidence.extract import extract_clues
from geoagent_graph.evidence.sources.phones import SOURCE, phone_likelihood
from tests.support.evidence_cases import Case, answer_to, model, text_clue

# Drawn by tools/draw_numbers.py: towns that share the area of another town, in twelve countries.
# `benchmarks/check_phones.py` has many more, without country codes and with a digit misread.
TOWNS = [
    Case("Santiago de Compostela, Tel. 981 55 41 23", country="ES", city="Santiago de Compostela"),
    Case("Brignano Gera d'Adda, Tel. +39 035 237 9667", country="IT", city="Brignano Gera d'Adda"),
    Case("Biscarrosse", "Tél. +33 (0)5 33 34 00 33", country="FR", city="Biscarrosse"),
    Case("Cucujães", "Tel. 00351 234 124 719", country="PT", city="Cucujães"),
    Case("Alness, Tel. +44 1381 942422", country="GB", city="Alness"),
    Case("Kłodzko", "tel. 0048 74 143 39 19", country="PL", city="Kłodzko"),
    Case("Gölmarmara, Tel. +90 236 132 03 12", country="TR", city="Gölmarmara"),
    Case("Misawa, Tel. +81 176-98-3894", country="JP", city="Misawa"),
    Case("Santiago Tangamandapio +52 351 198 1800", country="MX", city="Santiago Tangamandapio"),
    Case("Quitilipi, Tel. +54 3734 60-4737", country="AR", city="Quitilipi"),
    Case("Füzesgyarmat", "Tel. +36 54 344 822", country="HU", city="Füzesgyarmat"),
    Case("Dannhauser, Tel. +27 34 716 2991", country="ZA", city="Dannhauser"),
]
OTHERS = [
    Case("Porto, Tel. 222 003 887", country="PT", city="Porto"),
    Case("Guadalajara", "Tel. 949 21 12 34", country="ES", city="Guadalajara"),
    Case("Bergamo, Tel. +39 06 678 1234", country="IT", city="Bergamo"),
]


@pytest.mark.parametrize("case", [*TOWNS, *OTHERS], ids=str)
def test_a_sign_that_names_its_town_outranks_its_number(case: Case) -> None:
    answer = answer_to(case)
    assert answer.country == case.country, answer
    assert answer.city == case.city, answer


def test_a_number_says_the_area_in_words() -> None:
    clues = extract_clues([text_clue("Tel. +34 981 55 41 23")], model().town_table, (SOURCE,))
    likelihood = phone_likelihood(clues[0], model().town_table)
    assert likelihood is not None
    assert likelihood.description.endswith("a number of Spain")
    assert likelihood.meaning_by_country == {"ES": "there of A Coruña"}


def test_a_number_of_no_country_says_nothing() -> None:
    clues = extract_clues([text_clue("Tel. 999 999 999 999 9")], model().town_table, (SOURCE,))
    assert [phone_likelihood(clue, model().town_table) for clue in clues] == [None]
