"""When photos were taken: as people write it, as files claim it, and in which order."""

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.trip_types import Taken, file_claim_of_time, order_by_time, parse_time_taken
from geoagent_graph.types import Clue


@pytest.mark.parametrize(
    ("words", "clock_s"),
    [("1:23.5", 83.5), ("1:02:03", 3723.0), ("90", 90.0), (" 0:05 ", 5.0), ("0", 0.0)],
)
def test_the_time_since_a_video_began(words: str, clock_s: float) -> None:
    taken = parse_time_taken(words)
    assert (taken.clock, taken.clock_s, taken.utc_s, taken.said_by) == (
        "elapsed",
        clock_s,
        None,
        "person",
    )


def test_a_date_keeps_what_the_clock_showed_and_its_moment() -> None:
    plain = parse_time_taken("1970-01-01T10:00")
    assert (plain.clock_s, plain.utc_s) == (36000.0, None)
    east = parse_time_taken("1970-01-01T10:00:00+02:00")
    assert (east.clock_s, east.utc_s) == (36000.0, 28800.0)


@pytest.mark.parametrize("words", ["", "yesterday", "2024-05-01", "1:75", "2024-13-01T10:00", "-5"])
def test_anything_else_is_refused_with_examples(words: str) -> None:
    with pytest.raises(InputError, match="no time; write 2024-05-01T10:35"):
        parse_time_taken(words)


def exif(source: str = "exif_reader", **attributes: str) -> Clue:
    """Return what a file claims."""
    return Clue(id="e", kind="exif_other", text="t", source=source, attributes=attributes)


def test_a_files_claim_needs_a_time_and_the_reader() -> None:
    clues = [exif(taken_at="1970-01-01T01:00:00"), exif(utc_offset="+01:00")]
    taken = file_claim_of_time(clues)
    assert taken is not None
    assert (taken.said_by, taken.clock_s, taken.utc_s) == ("file", 3600.0, 0.0)
    assert file_claim_of_time([exif(utc_offset="+01:00")]) is None
    assert file_claim_of_time([exif(taken_at="noon")]) is None
    assert file_claim_of_time([exif("text_reader", taken_at="1970-01-01T01:00:00")]) is None


def taken(clock_s: float, utc_s: float | None = None, clock: str = "date") -> Taken:
    """Return a time."""
    return Taken.model_validate(
        {"text": "t", "said_by": "file", "clock": clock, "clock_s": clock_s, "utc_s": utc_s}
    )


def test_order_follows_utc_where_all_have_it() -> None:
    both = [(taken(10.0, utc_s=100.0), "a"), (taken(20.0, utc_s=50.0), "b")]
    assert order_by_time(both) == (1, 0)
    one_without = [*both, (taken(15.0), "c")]
    assert order_by_time(one_without) == (0, 2, 1)


def test_dates_count_before_videos_and_keys_break_ties() -> None:
    mixed = [(taken(5.0, clock="elapsed"), "a"), (None, "b"), (taken(9.0), "c")]
    assert order_by_time(mixed) == (2,)
    assert order_by_time([(taken(1.0), "b"), (taken(1.0), "a")]) == (1, 0)
    assert order_by_time([(None, "a")]) == ()
