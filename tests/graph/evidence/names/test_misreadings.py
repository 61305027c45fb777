"""What a reader may have mistaken: look-alike letters, other marks, lost vowels."""

import pytest

from geoagent_graph.evidence.names.misreadings import misreadings, other_marks, with_lost_letter


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("p0rto", "porto"),
        ("bem", "bern"),  # rn read as m
        ("rnunich", "munich"),
        ("lisbbon", "lisbon"),
        ("madid", "maddid"),
        ("cloha", "doha"),
    ],
)
def test_what_was_meant_is_among_the_readings(seen: str, meant: str) -> None:
    assert meant in misreadings(seen)
    assert seen not in misreadings(seen)


def test_a_letter_may_be_wrong_wherever_it_stands() -> None:
    assert {"port0", "p0rto"} <= set(misreadings("p0rt0"))


def test_readings_are_distinct_and_few() -> None:
    found = misreadings("uluulmnrnclvvoceniiltt" * 3)
    assert len(found) == len(set(found)) == 80
    assert misreadings("") == []


def test_marks_may_be_others() -> None:
    assert other_marks("Brønderslev") == ["brunderslev"]
    assert set(other_marks("Łódź")) == {"ludz", "tudz", "todz"}
    assert other_marks("Berlin") == []  # no letter bears a mark
    assert other_marks("Español") == []  # folding makes ñ and n one


def test_a_lost_vowel_is_filled_into_runs_of_consonants() -> None:
    assert "koln" in with_lost_letter("kln")
    assert len(with_lost_letter("kln")) == 4 * 3  # at four places, one of a, o, u
    assert with_lost_letter("koln") == []  # two consonants stand in many words
    assert len(with_lost_letter("bcdfghjklmnpqrstvwxz" * 3)) == 80
