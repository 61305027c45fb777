"""Which language is spoken, how a header or a person asks for one, and what stays English."""

import threading

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.translation import (
    LANGUAGES,
    SOURCE_LANGUAGE,
    continent_name,
    counted,
    country_name,
    current_language,
    find_language,
    gettext,
    local_number,
    names_of_places,
    ngettext,
    plural_forms,
    preferred_language,
    use_language,
)

OTHERS = [tag for tag in LANGUAGES if tag != SOURCE_LANGUAGE]
STEPS = ("{count} step", "{count} steps")


def test_english_is_spoken_until_another_is_asked_for_and_after_it() -> None:
    assert current_language().tag == "en"
    with use_language("es"):
        assert gettext("Clues") == "Indicios"
        with use_language(None):
            assert current_language().tag == "es"
        with use_language("en"):
            assert gettext("Clues") == "Clues"
        assert current_language().tag == "es"
    assert gettext("Clues") == "Clues"


def test_another_thread_speaks_its_own_language() -> None:
    heard: list[str] = []
    with use_language("fr"):
        thread = threading.Thread(target=lambda: heard.append(current_language().tag))
        thread.start()
        thread.join()
    assert heard == ["en"]


@pytest.mark.parametrize(
    ("tag", "found"),
    [("es", "es"), ("ES-mx", "es"), ("zh_CN.UTF-8", "zh"), (" ar ", "ar"), ("de-Latn-AT", "de")],
)
def test_tags_of_any_form_name_a_language(tag: str, found: str) -> None:
    assert find_language(tag).tag == found


@pytest.mark.parametrize("tag", ["", "xx", "../es", "es" * 40, "e", "\x00", "español"])
def test_a_tag_of_no_language_is_refused_with_those_that_are_spoken(tag: str) -> None:
    with pytest.raises(InputError, match=r"no language spoken here; there are en \(English\), es"):
        find_language(tag)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("ja, en;q=0.2, ar;q=0.7", "ar"),
        ("de;q=0, zh", "zh"),
        ("ja, ko", None),
        ("", None),
        ("es;q=nonsense", None),
        ("*", None),
        (", ; =,;q=1," * 200, None),
        ("x" * 10_000, None),
    ],
)
def test_a_header_names_what_it_likes_best(header: str, found: str | None) -> None:
    preferred = preferred_language(header)
    assert (preferred.tag if preferred else None) == found


@pytest.mark.parametrize(
    ("tag", "number", "words"),
    [
        ("en", 1, "1 step"),
        ("en", 1200, "1,200 steps"),
        ("fr", 0, "0 étape"),
        ("de", 1200, "1.200 Schritte"),
        ("ar", 0, "لا خطوات"),
        ("ar", 2, "خطوتان"),
        ("ar", 5, "5 خطوات"),
        ("ar", 11, "11 خطوة"),
        ("ar", 103, "103 خطوات"),
        ("zh", 1, "1 步"),
    ],
)
def test_a_number_has_its_plural(tag: str, number: int, words: str) -> None:
    with use_language(tag):
        assert counted(*STEPS, number) == words


@pytest.mark.parametrize("tag", OTHERS)
def test_the_page_counts_as_the_terminal_does(tag: str) -> None:
    forms = plural_forms(tag)
    with use_language(tag):
        said = [ngettext(*STEPS, number) for number in range(2000)]
    of_page = {number: said[int(digit) * 0 + number] for number, digit in enumerate(forms)}
    for number in range(2000):
        index = number if number < 200 else 100 + number % 100
        assert said[number] == of_page[index]


def test_numbers_have_latin_digits_and_separators_of_the_language() -> None:
    for tag in LANGUAGES:
        with use_language(tag):
            assert set(local_number(1234.5, 1)) <= set("0123456789.,\u00a0")
    with use_language("de"):
        assert (local_number(1234.5, 1), local_number(7)) == ("1.234,5", "7")


def test_countries_and_continents_are_called_as_cldr_calls_them() -> None:
    assert country_name("PT", "as given") == "as given"
    assert names_of_places() == {}
    with use_language("es"):
        assert country_name("DE", "Germany") == "Alemania"
        assert country_name("XQ", "as given") == "as given"
        assert country_name(None, "as given") == "as given"
        assert continent_name("EU", "Europe") == "Europa"
        assert names_of_places()["continent:AN"] == "Antártida"


@pytest.mark.parametrize("tag", OTHERS)
def test_all_continents_have_a_name(tag: str) -> None:
    with use_language(tag):
        names = {continent_name(code, "") for code in ("AF", "AN", "AS", "EU", "NA", "OC", "SA")}
    assert len(names - {""}) == 7
