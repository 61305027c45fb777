"""When a photo was taken, as a span of time, and what that is in UTC in every town."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.geo.sun_position import MAX_YEAR, MIN_YEAR
from geoagent_graph.trip_types import TIME_KIND, file_claim_of_time
from geoagent_graph.types import Clue

MAX_DAYS: Final = 366
MAX_MOMENTS: Final = 151
_STEP_S: Final = 240.0  # the sun moves by a degree
_DAY_S: Final = 86_400.0
_HOUR_S: Final = 3_600.0
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_FORMS: Final = (
    "2024-06-21T15:30Z, 2024-06-21T17:30+02:00, 2024-06-21T17:30 in the local time of the place, "
    "a day, or two of them with / between"
)


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From when to when, in seconds as the clock shows them since 1970.

    `is_utc` says that they are UTC; else they are the local time of wherever it was.
    """

    words: str
    first_s: float
    last_s: float
    is_utc: bool
    is_of_file: bool = False

    def moments(self) -> Floats:
        """Return moments spread over the span in seconds, the same every time."""
        span = max(self.last_s - self.first_s, 2.0 * 60.0 * parameters().sun.moment_minutes)
        middle = (self.first_s + self.last_s) / 2.0
        number = min(MAX_MOMENTS, max(3, int(np.ceil(span / _STEP_S)) | 1))
        place: Floats = np.full(number, 0.5)
        if span > _DAY_S / 2.0:  # at steps of a whole day all would be at one time of day
            place = np.random.default_rng(number).random(number)
        return np.asarray(middle + span * ((np.arange(number) + place) / number - 0.5))


def parse_time_span(words: str) -> TimeSpan:
    """Return the span that a person writes.

    Raises:
        InputError: it is none, ends before it begins, or is too long or too far away.
    """
    parts = [part.strip() for part in words.split("/")]
    if len(parts) > 2:
        raise InputError(f"{words[:80]}: no time; write {_FORMS}")
    first, last = _day_or_moment(parts[0], words), _day_or_moment(parts[-1], words)
    if first[2] != last[2]:
        raise InputError(f"{words[:80]}: give both times with an offset from UTC, or neither")
    if last[1] < first[0]:
        raise InputError(f"{words[:80]}: ends before it begins")
    if last[1] - first[0] > MAX_DAYS * _DAY_S:
        raise InputError(f"{words[:80]}: is longer than {MAX_DAYS} days; give a shorter span")
    return TimeSpan(words.strip(), first[0], last[1], first[2])


def _day_or_moment(text: str, words: str) -> tuple[float, float, bool]:
    """Return (first second, last second, whether it is UTC)."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{words[:80]}: no time; write {_FORMS}") from error
    if not MIN_YEAR <= moment.year <= MAX_YEAR:
        raise InputError(f"{words[:80]}: the year must be {MIN_YEAR} to {MAX_YEAR}")
    first_s = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    length_s = _DAY_S if _DATE.fullmatch(text) else 0.0
    return first_s, first_s + length_s, moment.tzinfo is not None


def time_of_photo(said: str | None, clues: Sequence[Clue]) -> TimeSpan | None:
    """Return when a photo was taken: as said with the mark, as a person says, as its file claims.

    None where nothing is known, or only how long after the beginning of a video it was. What a
    trace holds was checked when it was said: what cannot be read says nothing.
    """
    spoken = [clue.attributes.get("time", "") for clue in clues if clue.kind == TIME_KIND]
    for words in filter(None, (said, *reversed(spoken))):
        try:
            return parse_time_span(words)
        except InputError:
            continue
    claimed = file_claim_of_time(clues)
    if claimed is None:
        return None
    is_utc = claimed.utc_s is not None
    moment_s = claimed.clock_s if claimed.utc_s is None else claimed.utc_s
    if not MIN_YEAR <= datetime.fromtimestamp(moment_s, UTC).year <= MAX_YEAR:
        return None
    return TimeSpan(claimed.text, moment_s, moment_s, is_utc, is_of_file=True)


def moments_by_towns(span: TimeSpan, town_table: TownTable) -> Iterator[tuple[Indices, Floats]]:
    """Yield (towns, moments in UTC): together every town once, those of one clock together."""
    moments = span.moments()
    if span.is_utc:
        yield np.arange(len(town_table)), moments
        return
    zones = town_table.gazetteer.zones
    if zones is None:
        yield from _moments_by_longitude(moments, town_table)
        return
    names, zone_of_town = zones
    by_moments: dict[bytes, list[int]] = {}
    for number, name in enumerate(names):
        by_moments.setdefault(_utc_moments(name, moments).tobytes(), []).append(number)
    for content, numbers in by_moments.items():
        towns = np.flatnonzero(np.isin(zone_of_town, numbers))
        if len(towns):
            yield towns, np.frombuffer(content)


def _utc_moments(zone: str, local_s: Floats) -> Floats:
    """Return local times of a zone in UTC; of one that is not known here as if it were UTC."""
    offset_s = [utc_offset_s(zone, float(moment)) for moment in local_s]
    return np.asarray(local_s - np.array(offset_s), dtype=np.float64)


def utc_offset_s(zone: str, local_s: float) -> float:
    """Return how far a zone's clocks are ahead of UTC at a local time, in seconds."""
    found = zone_info(zone)
    local = datetime(1970, 1, 1, tzinfo=found) + timedelta(seconds=local_s)
    offset = local.utcoffset() if found else None
    return offset.total_seconds() if offset is not None else 0.0


@cache
def zone_info(name: str) -> ZoneInfo | None:
    """Return a time zone by its name, None where this system has none of it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _moments_by_longitude(
    local_s: Floats, town_table: TownTable
) -> Iterator[tuple[Indices, Floats]]:
    """Yield towns by quarter hours of longitude, their clocks early or late by what zones are."""
    quarters = np.round(np.asarray(town_table.gazetteer.lon_deg) / 15.0 * 4.0)
    spread = parameters().sun.zone_hours * np.array([-1.22, 0.0, 1.22])  # three points of a normal
    for quarter in np.unique(quarters).tolist():
        offset_s = (quarter / 4.0 + spread) * _HOUR_S
        moments = (local_s[:, None] - offset_s).ravel()
        yield np.flatnonzero(quarters == quarter), moments
