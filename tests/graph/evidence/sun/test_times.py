"""When the sun stands at a place as it stood in a photo."""

from datetime import UTC, date, datetime

from geoagent_graph.evidence.sun.reading import SunReading
from geoagent_graph.evidence.sun.times import (
    Site,
    day_ranges,
    days_of_year,
    local_time,
    times_of_day,
)

BRAGA = Site(41.55, -8.42, "Europe/Lisbon")
DAY = date(2024, 6, 21)


def test_the_sun_has_a_height_twice_a_day_and_a_bearing_once() -> None:
    height = times_of_day(SunReading(35.0, 3.0), BRAGA, DAY)
    assert [local_time(BRAGA, span.best_s).hour for span in height.spans] == [9, 17]
    both = times_of_day(SunReading(35.0, 3.0, 90.0, 3.0), BRAGA, DAY)
    (span,) = both.spans
    assert span.first_s <= span.best_s <= span.last_s
    assert times_of_day(SunReading(80.0, 1.0), BRAGA, DAY).spans == ()
    assert times_of_day(SunReading(side="south"), BRAGA, DAY).spans
    assert len(times_of_day(SunReading(side="north"), BRAGA, DAY).spans) == 2


def test_a_height_and_a_bearing_stand_in_two_parts_of_the_year() -> None:
    parts = day_ranges(days_of_year(SunReading(35.0, 2.0, 100.0, 2.0), BRAGA))
    assert len(parts) == 2
    spring, autumn = ((part[0].day, part[-1].day) for part in parts)
    assert spring[0].month == 4
    assert spring[1].month == 5
    assert autumn[0].month == 7
    assert days_of_year(SunReading(89.0, 1.0), BRAGA) == []


def test_times_are_those_of_the_place_beside_a_change_of_clocks() -> None:
    moment = datetime(2024, 3, 31, 0, 59, tzinfo=UTC).timestamp()
    assert local_time(BRAGA, moment).isoformat() == "2024-03-31T00:59:00+00:00"
    assert local_time(BRAGA, moment + 120.0).isoformat() == "2024-03-31T02:01:00+01:00"
    assert local_time(Site(0.0, 0.0, "Nowhere"), 0.0).isoformat() == "1970-01-01T00:00:00+00:00"
