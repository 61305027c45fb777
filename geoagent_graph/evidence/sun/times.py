"""When the sun stands at a known place as it stood in a photo."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.sun.clock import utc_offset_s, zone_info
from geoagent_graph.evidence.sun.reading import SunReading
from geoagent_graph.evidence.sun.town_likelihood import MIN_ERROR_DEG
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.geo.sun_position import sun_angles

ANY_YEAR: Final = 2025
"""Where no year is given: one without a leap day; between years the sun differs by 0.2 degrees."""
_MINUTE_S: Final = 60.0
_DAY_S: Final = 86_400.0
_YEAR_STEP_S: Final = 5.0 * _MINUTE_S
_MAX_SQUARES: Final = {1: 2.71, 2: 4.61}  # nine of ten errors of one or two numbers lie below


@dataclass(frozen=True, slots=True)
class DaySpan:
    """From when to when it fits on one day, and when best, in seconds of UTC since 1970."""

    first_s: float
    best_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class FittingDay:
    """One day of a place, and the times of it that fit."""

    day: date
    spans: tuple[DaySpan, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """A place on the Earth and the name of its time zone."""

    lat_deg: float
    lon_deg: float
    zone: str


def squared_deviation(reading: SunReading, lat_deg: float, lon_deg: float, utc_s: Floats) -> Floats:
    """Return the squared distance from the reading in standard deviations, infinite at night."""
    elevation, azimuth = sun_angles(lat_deg, lon_deg, utc_s)
    found = np.where(elevation > 0.0, 0.0, np.inf)
    if reading.elevation_deg is not None:
        error = max(reading.elevation_error_deg, MIN_ERROR_DEG)
        found = found + ((elevation - reading.elevation_deg) / error) ** 2
    if reading.azimuth_deg is not None:
        error = max(reading.azimuth_error_deg, MIN_ERROR_DEG)
        found = found + (((azimuth - reading.azimuth_deg + 180.0) % 360.0 - 180.0) / error) ** 2
    if reading.side is not None:
        is_same = (np.cos(np.radians(azimuth)) > 0.0) == (reading.side == "north")
        found = np.where(is_same, found, np.inf)
    return np.asarray(found, dtype=np.float64)


def max_squares(reading: SunReading) -> float:
    """Return the squared deviation that nine of ten errors stay below."""
    measured = [reading.elevation_deg is not None, reading.azimuth_deg is not None]
    return _MAX_SQUARES[max(1, sum(measured))]


def times_of_day(reading: SunReading, site: Site, day: date, step_s: float = 60.0) -> FittingDay:
    """Return the times of a day, in the site's own time, at which the sun stands so."""
    moments = _midnight_s(site, day) + np.arange(0.0, _DAY_S + 1.0, step_s)
    squares = squared_deviation(reading, site.lat_deg, site.lon_deg, moments)
    return FittingDay(day, tuple(_fitting_spans(moments, squares, squares <= max_squares(reading))))


def days_of_year(reading: SunReading, site: Site, year: int = ANY_YEAR) -> list[FittingDay]:
    """Return the days of a year on which the sun stands so at some time, with these times."""
    first = date(year, 1, 1)
    length = (date(year, 12, 31) - first).days + 1
    days = (first + timedelta(days=number) for number in range(length))
    found = (times_of_day(reading, site, day, _YEAR_STEP_S) for day in days)
    return [day for day in found if day.spans]


def day_ranges(days: list[FittingDay]) -> list[list[FittingDay]]:
    """Return days that follow one another together."""
    ranges: list[list[FittingDay]] = []
    for day in days:
        if ranges and (day.day - ranges[-1][-1].day).days == 1:
            ranges[-1].append(day)
        else:
            ranges.append([day])
    return ranges


def local_time(site: Site, utc_s: float) -> datetime:
    """Return a moment as the site's clocks show it, with their offset from UTC."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=round(utc_s))
    return moment.astimezone(zone_info(site.zone) or UTC)


def utc_of_local(site: Site, local_s: float) -> float:
    """Return a time of the site's clocks in UTC, both in seconds since 1970."""
    return local_s - utc_offset_s(site.zone, local_s)


def _midnight_s(site: Site, day: date) -> float:
    return utc_of_local(site, datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _fitting_spans(moments: Floats, squares: Floats, fits: NDArray[np.bool_]) -> Iterator[DaySpan]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], fits, [False]]).astype(np.int8)))
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        best = first + int(squares[first:end].argmin())
        yield DaySpan(float(moments[first]), float(moments[best]), float(moments[end - 1]))
