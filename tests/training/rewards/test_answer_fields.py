"""The answer line, its fields, and the tricks that leave a field empty."""

import pytest
from geoagent_training.rewards.answer_fields import read_answer, split_names


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Portugal; Lisbon; Alfama", ("Portugal", "Lisbon", "Alfama")),
        ("中国；香港；九龙", ("中国", "香港", "九龙")),
        ("Portugal", ("Portugal", "", "")),
        ("Portugal;;Alfama", ("Portugal", "", "Alfama")),
        ("Portugal; Lisbon; Alfama; Rua 1", ("Portugal", "Lisbon", "Alfama; Rua 1")),
        ("; Lisbon; Alfama", ("", "", "")),
        ("unknown; Lisbon", ("", "", "")),
        ("Portugal; Region; *Specific location*", ("Portugal", "", "")),
        ("Portugal or Spain; Lisbon", ("", "", "")),
        ("Portugal; Lisbon, Porto, Faro, Beja", ("Portugal", "", "")),
        ("Portugal; Lisbon, Greater Lisbon", ("Portugal", "Lisbon, Greater Lisbon", "")),
        ("Cyprus; Nicosia or Limassol", ("Cyprus", "", "")),
        ("Ecuador; Oro", ("Ecuador", "Oro", "")),  # "or" inside a word is no alternative
        ("Portugal; " + "x" * 161, ("Portugal", "", "")),
        ("x" * 601, ("", "", "")),
    ],
)
def test_fields_are_places_or_empty(text: str, fields: tuple[str, str, str]) -> None:
    assert read_answer(text).fields == fields


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        ("Ρeru", False),  # a Greek capital rho before Latin letters
        ("𝐏𝐞𝐫𝐮", False),
        ("Pe\u200bru", False),
        ("Pe\x07ru", False),
        ("Сербия", True),
        ("می\u200cخواهم", True),  # a joiner is part of Persian spelling
        ("Nª Sª de Fátima", True),
        ("Côte d'Ivoire", True),
    ],
)
def test_letters_that_pretend_to_be_others_are_refused(field: str, kept: bool) -> None:
    assert read_answer(f"Peru; {field}").fields[1] == (field if kept else "")


@pytest.mark.parametrize(
    ("last", "position"),
    [
        ("38.7, -9.1", (38.7, -9.1)),
        ("-90,+180", (-90.0, 180.0)),
        ("91, 0", None),
        ("0, 181", None),
        ("38.7", None),
        ("٣٨, ٩", None),
    ],
)
def test_a_position_is_the_last_of_four_fields(
    last: str, position: tuple[float, float] | None
) -> None:
    answer = read_answer(f"Portugal; Lisbon; Alfama; {last}")
    assert answer.position == position
    assert answer.fields[2] == ("Alfama" if position else f"Alfama; {last}")
    assert read_answer(f"Portugal; Lisbon; {last}").position is None


def test_clean_and_abstaining_answers_are_told_apart() -> None:
    assert read_answer("Portugal; Lisbon").clean
    assert not read_answer("Portugal; unknown").clean
    unknown = read_answer(" Unknown ")
    assert unknown.abstains
    assert unknown.fields == ("", "", "")
    assert not read_answer("unknown; unknown").abstains


def test_a_trusted_text_is_split_without_suspicion() -> None:
    assert split_names("Region; a or b；c; d") == ("Region", "a or b", "c; d")
    assert split_names("") == ("", "", "")
