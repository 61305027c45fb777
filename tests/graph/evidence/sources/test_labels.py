"""Labels of clue kinds: known ones read as words, unknown ones never raise."""

from geoagent_graph.evidence.sources import clue_label, clue_labels


def test_kinds_are_named_for_people() -> None:
    labels = clue_labels()
    assert labels["phone"] == "Telephone number"
    assert {"text", "script", "exif_position", "exif_other", "policy"} <= set(labels)


def test_a_kind_that_nothing_here_produces_is_shown_by_its_name() -> None:
    assert clue_label("visual_class") == "Visual class"
    assert clue_label("licence_plate") == "Licence plate"
