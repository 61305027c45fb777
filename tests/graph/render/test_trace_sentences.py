"""Sentences of traces in another language: their parts are translated, words of a photo are not."""

from time import process_time

import pytest

from geoagent_graph.render.trace_sentences import MAX_CHARS, names_in_traces, say_stored
from geoagent_graph.render.trace_templates import TEMPLATES
from geoagent_graph.translation import LANGUAGES, SOURCE_LANGUAGE, use_language

OTHERS = [tag for tag in LANGUAGES if tag != SOURCE_LANGUAGE]


@pytest.mark.parametrize("template", TEMPLATES)
def test_english_stays_as_it_was_stored(template: str) -> None:
    assert say_stored(template) == template


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (
            "“Braga”: Braga (PT), Braga (BR); 17 times likelier in Spain than in the world",
            "„Braga“: Braga (PT), Braga (BR); 17-mal wahrscheinlicher in Spanien als in der Welt",
        ),
        (
            "10 lines in Latin script, read as Portuguese and Catalan, with the words rua, padaria;"
            " 3.8 times less likely in Europe than in the world",
            "10 Zeilen in Schrift: Lateinisch, gelesen als Portugiesisch und Katalanisch, mit den "
            "Wörtern rua, padaria; 3,8-mal unwahrscheinlicher in Europa als in der Welt",
        ),
        (
            "accept: Braga has 94%, enough for a city (50%); address b.pt: .pt is Portugal; "
            "2.5 times likelier in Braga than in Portugal; telephone 253 1: a number of Portugal; "
            "1.4 times likelier in Braga than in Portugal",
            "annehmen: Braga hat 94 %, genug für eine Stadt (50 %); Adresse b.pt: .pt ist Portugal;"
            " 2,5-mal wahrscheinlicher in Braga als in Portugal; Telefon 253 1: eine Nummer aus "
            "Portugal; 1,4-mal wahrscheinlicher in Braga als in Portugal",
        ),
        ("3 candidates in the world: Europe, Africa and 4 more", None),
        ("Porto, within 3 km of 41.150, -8.610", "Porto, im Umkreis von 3 km um 41.150, -8.610"),
        ("vetoes Spain: accept: it is raining", "schließt Spanien aus: accept: it is raining"),
        ("Germany, city unknown", "Deutschland, Stadt unbekannt"),
        ("Braga, Braga, Portugal (94 %)", "Braga, Braga, Portugal (94 %)"),
    ],
)
def test_a_sentence_is_said_with_its_parts(stored: str, said: str | None) -> None:
    with use_language("de"):
        found = say_stored(stored)
    assert found == (said or "3 Kandidaten in der Welt: Europa, Afrika und 4 weitere")


@pytest.mark.parametrize("tag", OTHERS)
@pytest.mark.parametrize("words", ["road 5", "the world", "Germany", "{seen}; {x}", "a: b; c"])
def test_words_of_a_sign_or_a_person_are_not_translated(tag: str, words: str) -> None:
    with use_language(tag):
        for sentence in (f"“{words}” is a date", f"rejects Spain: {words}"):
            said = say_stored(sentence)
            assert words in said
            assert said != sentence


@pytest.mark.parametrize("tag", OTHERS)
@pytest.mark.parametrize(
    "text", ["", "nothing that is known", "{seen}", "a in b than in ", "x" * 5000, "x; y" * 300]
)
def test_what_is_not_recognised_stays(tag: str, text: str) -> None:
    with use_language(tag):
        assert say_stored(text) == text


@pytest.mark.parametrize("piece", ["; ", " in ", "; a in b than in ", ", ", ": ", "“", " (", "1 "])
def test_sentences_made_to_be_slow_are_not(piece: str) -> None:
    began = process_time()
    with use_language("es"):
        say_stored((piece * MAX_CHARS)[:MAX_CHARS])
    assert process_time() - began < 5.0  # backtracking without a bound would take minutes


@pytest.mark.parametrize("tag", OTHERS)
def test_countries_languages_and_scripts_have_names(tag: str) -> None:
    with use_language(tag):
        names = names_in_traces()
        assert say_stored("Germany") == names["Germany"]
    assert (names["Germany"] == "Germany") is False
    assert {"Portugal", "United States", "Europe", "Portuguese", "script:Cyrillic"} <= names.keys()
    assert names_in_traces() == {}
