"""Words that name a language by themselves."""

from geoagent_graph.evidence.language.street_words import words_in


def test_street_words_know_their_languages() -> None:
    assert words_in("Hauptstraße 12") == {"-strasse": ("de",)}
    assert set(words_in("вулиця Шевченка")["вулиця"]) == {"uk"}
    assert words_in("Coca-Cola") == {}
