"""One sign in two photos counts once; words that many signs bear count in each."""

from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.trip.deduplication import deduplicate_photos
from geoagent_graph.testing import LISBON
from geoagent_graph.trip_types import PhotoEvidence
from geoagent_graph.types import Clue, Hypothesis, Reference

NAMES = Source("place_names", "place_name", "Place name", "by hand", None, of_one_sign=True)
WORDS = Source("street_words", "street_word", "Street word", "by hand", None)


def clue(kind: str, text: str) -> Clue:
    """Return a clue of a kind."""
    return Clue(id=f"{kind}:{text}", kind=kind, text=text, source="s")


def photo(name: str, *clues: Clue, references: tuple[str, ...] = ()) -> PhotoEvidence:
    """Return a photo with clues and with references of these ids."""
    found = [Reference(id=identity, score=0.9, lat_deg=0, lon_deg=0) for identity in references]
    judged = Hypothesis(level="city", place=LISBON, prior=0.5, probability=0.5, reason="r")
    return PhotoEvidence(name, name, clues, found, {"city": (judged,)})


def kinds(kept: PhotoEvidence) -> list[str]:
    """Return the kinds of a photo's clues."""
    return [clue.kind for clue in kept.clues]


def test_a_sign_that_was_shown_before_is_left_out() -> None:
    first = photo("one", clue("text", "Rua Augusta"), clue("street_word", "rua"))
    second = photo("two", clue("text", "RUA AUGUSTA"), clue("street_word", "rua"))
    kept, warnings = deduplicate_photos([first, second], [NAMES, WORDS])
    assert kept[0] is first
    assert kinds(kept[1]) == []  # the word comes from the same sign
    assert kept[1].levels == {}  # its run judged what is left out now
    assert warnings == ["two shows what another photo shows too: that counts once"]


def test_a_word_on_two_signs_counts_twice() -> None:
    first = photo("one", clue("text", "Rua Augusta"), clue("street_word", "rua"))
    second = photo("two", clue("text", "Rua Nova"), clue("street_word", "rua"))
    kept, warnings = deduplicate_photos([first, second], [NAMES, WORDS])
    assert (kept[1], warnings) == (second, [])


def test_what_files_claim_stays() -> None:
    shown = (clue("place_name", "Lisboa"), clue("exif_position", "here"))
    kept, _ = deduplicate_photos([photo("one", *shown), photo("two", *shown)], [NAMES])
    assert kinds(kept[1]) == ["exif_position"]


def test_look_alikes_count_once_where_most_are_shared() -> None:
    first = photo("one", references=("a", "b", "c"))
    half = photo("two", references=("a", "x"))
    most = photo("three", references=("a", "b", "y"))
    kept, warnings = deduplicate_photos([first, half, most], [])
    assert [len(item.references) for item in kept] == [3, 2, 0]
    assert len(warnings) == 1
