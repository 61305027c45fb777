"""Names as answers write them: generic words off their ends, in pieces, in lists."""

import pytest
from geoagent_training.rewards.place_names import items_of, keys_of, pieces_of, without_generic


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("city of porto", "porto"),
        ("greater lisbon metropolitan area", "lisbon"),
        ("hefei shi", "hefei"),
        ("mexico city centre", "mexico"),
        ("salt lake city state park", "salt lake city state park"),  # only words at the ends
        ("the city", ""),
        ("", ""),
    ],
)
def test_generic_words_go_from_both_ends(name: str, bare: str) -> None:
    assert without_generic(name) == bare


def test_a_name_is_known_by_its_spelling_and_by_its_bare_form() -> None:
    keys = keys_of("São Paulo City (Brazil)")
    assert "sao paulo" in keys
    assert "sao paulo city" in keys
    assert len(keys) == len({*keys})
    assert "" not in keys_of("The City")


def test_an_address_comes_in_pieces_and_a_name_does_not() -> None:
    assert pieces_of("Rua 1, , Alfama、Lisbon") == ("Rua 1", "Alfama", "Lisbon")
    assert pieces_of("Alfama") == ()


def test_a_list_comes_in_items_and_words_are_not_cut() -> None:
    assert items_of("Spain, Portugal and France") == ("Spain", "Portugal", "France")
    assert items_of("Bosnia & Herzegovina") == ("Bosnia", "Herzegovina")
    assert items_of("中国和日本") == ("中国", "日本")
    assert items_of("Andorra") == items_of("Switzerland") == ()
