"""Times as people write them, and what they are in UTC in every town."""

from types import MappingProxyType

import numpy as np
import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.sun.clock import (
    MAX_MOMENTS,
    moments_by_towns,
    parse_time_span,
    time_of_photo,
    utc_offset_s,
)
from geoagent_graph.types import Clue
from tests.support.evidence_cases import model
from tests.support.small_gazetteer import small_town_table

HOUR_S = 3600.0
SUMMER_S = 1_718_976_600.0  # 2024-06-21T13:30Z


def clue(kind: str, **attributes: str) -> Clue:
    return Clue(id=f"{kind}:1", kind=kind, text="x", source="exif_reader", attributes=attributes)


def test_spans_in_utc_and_in_local_time() -> None:
    exact = parse_time_span("2024-06-21T15:30+02:00")
    assert (exact.first_s, exact.last_s, exact.is_utc) == (SUMMER_S, SUMMER_S, True)
    local = parse_time_span("2024-06-21T13:30 / 2024-06-21T14:30")
    assert (local.first_s, local.last_s, local.is_utc) == (SUMMER_S, SUMMER_S + HOUR_S, False)
    day = parse_time_span("2024-06-21")
    assert day.last_s - day.first_s == 24 * HOUR_S


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("yesterday", "no time"), ("", "no time"), ("a/b/c", "no time"),
        ("1800-01-01T10:00Z", "year must be"), ("0001-01-01", "year must be"),
        ("2024-06-21T15:30Z/2024-06-21T14:30Z", "ends before"),
        ("2024-06-21T15:30Z/2024-06-21T16:30", "or neither"),
        ("2020-06-21/2024-06-21", "longer than"),
    ],
)  # fmt: skip
def test_what_is_no_time_is_said_in_a_sentence(words: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_time_span(words)


def test_moments_of_many_days_are_at_all_times_of_the_day() -> None:
    moments = parse_time_span("2024-01-01/2024-05-07").moments()
    assert len(moments) == MAX_MOMENTS
    hours = moments / HOUR_S % 24.0
    assert np.histogram(hours, 8, (0.0, 24.0))[0].min() > 5
    assert len(parse_time_span("2024-06-21T15:30Z").moments()) == 3


def test_what_was_said_comes_before_what_the_file_claims() -> None:
    file = clue("exif_other", taken_at="2024-06-21T13:30:00", utc_offset="+00:00")
    said = clue("time_said", time="2024-07-01T10:00Z")
    found = time_of_photo(None, [file])
    assert found is not None
    assert (found.first_s, found.is_utc, found.is_of_file) == (SUMMER_S, True, True)
    by_person, with_mark = time_of_photo(None, [file, said]), time_of_photo("2024-08-01", [said])
    assert by_person is not None
    assert by_person.words == "2024-07-01T10:00Z"
    assert with_mark is not None
    assert with_mark.words == "2024-08-01"
    assert time_of_photo(None, [clue("time_said", time="1:23.5")]) is None
    assert time_of_photo(None, []) is None


def test_local_times_are_those_of_each_towns_zone() -> None:
    table = model().town_table
    span = parse_time_span("2024-06-21T13:30")
    parts = list(moments_by_towns(span, table))
    assert sorted(np.concatenate([towns for towns, _ in parts]).tolist()) == list(range(len(table)))
    lisbon = int(table.gazetteer.matches("lisbon")[0])
    (of_lisbon,) = [utc for towns, utc in parts if lisbon in towns]
    assert np.median(of_lisbon) == SUMMER_S - HOUR_S
    assert utc_offset_s("Europe/Lisbon", SUMMER_S) == HOUR_S
    assert utc_offset_s("Nowhere/At all", SUMMER_S) == 0.0


def test_without_zones_longitude_says_when_it_is_noon() -> None:
    table = small_town_table()
    parts = list(moments_by_towns(parse_time_span("2024-06-21T13:30"), table))
    assert sum(len(towns) for towns, _ in parts) == len(table)
    middle = MappingProxyType(
        {int(town): float(np.mean(utc)) for towns, utc in parts for town in towns}
    )
    away_h = (SUMMER_S - np.array([middle[town] for town in range(len(table))])) / HOUR_S
    assert np.abs(away_h - np.asarray(table.gazetteer.lon_deg) / 15.0).max() < 0.13
