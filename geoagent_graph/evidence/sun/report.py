"""What the sun in a photo says: where it stood, and then of the place, of the time, or of both."""

from datetime import date
from typing import Annotated, Final

import numpy as np
from pydantic import Field

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.sun import times
from geoagent_graph.evidence.sun.clock import TimeSpan, parse_time_span
from geoagent_graph.evidence.sun.reading import SunReading, read_sun
from geoagent_graph.evidence.sun.town_likelihood import town_log_likelihood
from geoagent_graph.geo.sun_position import MAX_YEAR, MIN_YEAR, sun_angles
from geoagent_graph.sun_marks import MarkedPhoto, SunStatement
from geoagent_graph.types import CountryCode, FrozenModel, LatDeg, LonDeg, Probability

MAX_COUNTRIES: Final = 8
NO_ZONE: Final = "UTC"


class SunSpan(FrozenModel):
    """Times of one day as ISO 8601 with an offset: from, the best, until."""

    first: str
    best: str
    last: str


class SunDay(FrozenModel):
    """A day of a place, and when on it the sun stands as in the photo."""

    day: str
    spans: tuple[SunSpan, ...]


class SunAtPlace(FrozenModel):
    """The sun at a known place and time, and how far the photo's is from it.

    `deviations` is that distance in standard deviations, None where the sun is below the horizon.
    `fits` is False where nine of ten right photos would be nearer.
    """

    elevation_deg: float
    azimuth_deg: float
    deviations: float | None
    fits: bool


class SunCountry(FrozenModel):
    """A country and its probability after the sun alone."""

    country_code: CountryCode
    name: str
    probability: Probability


class SunReport(FrozenModel):
    """Where the sun stood, and what follows.

    `countries`, the likeliest first, and `bits` (how much they tell over the prior, a country being
    about 5) are there with a time and no place; `at_place` with both; with a place and no time
    `days` are those of the day that was given, or one for each month of the year in which it can
    be, and `dates` the first and last days of such parts of the year.
    """

    words: str
    elevation_deg: float | None = None
    elevation_error_deg: float | None = None
    azimuth_deg: float | None = None
    azimuth_error_deg: float | None = None
    relative_deg: float | None = None
    relative_error_deg: float | None = None
    assumptions: tuple[str, ...] = ()
    time: str | None = None
    countries: tuple[SunCountry, ...] = ()
    bits: float | None = None
    at_place: SunAtPlace | None = None
    zone: str | None = None
    days: tuple[SunDay, ...] = ()
    dates: tuple[tuple[str, str], ...] = ()


class SunQuestion(FrozenModel):
    """What is asked of the sun: where it stood, and the place, time or day that are known.

    `time` is that of `said`. `day` is YYYY-MM-DD, at the place's own time.
    """

    said: Annotated[SunStatement, Field(discriminator="kind")]
    lat_deg: LatDeg | None = None
    lon_deg: LonDeg | None = None
    day: str | None = None


def sun_report(
    question: SunQuestion, photo: MarkedPhoto, evidence: BayesEvidence | None
) -> SunReport:
    """Return what the sun says; without an evidence model nothing of countries, and times in UTC.

    Raises:
        InputError: the marks cannot be measured, or the time or the day is none.
    """
    said = question.said
    span = None if said.time is None else parse_time_span(said.time)
    day = None if question.day is None else _parse_day(question.day)
    reading = read_sun(said, photo)
    report = _report_of(reading, span)
    if question.lat_deg is None or question.lon_deg is None:
        if span is None or evidence is None:
            return report
        return _with_countries(report, reading, span, evidence)
    site = _site_of(question.lat_deg, question.lon_deg, evidence)
    if span is not None:
        at_place = _compare_at(reading, span, site)
        return report.model_copy(update={"at_place": at_place, "zone": site.zone})
    return _with_times(report, reading, site, day)


def _report_of(reading: SunReading, span: TimeSpan | None) -> SunReport:
    height, bearing = reading.elevation_deg is not None, reading.azimuth_deg is not None
    relative = reading.relative_deg is not None
    return SunReport(
        words=f"the sun stood {reading.words}",
        elevation_deg=reading.elevation_deg,
        elevation_error_deg=reading.elevation_error_deg if height else None,
        azimuth_deg=reading.azimuth_deg,
        azimuth_error_deg=reading.azimuth_error_deg if bearing else None,
        relative_deg=reading.relative_deg,
        relative_error_deg=reading.relative_error_deg if relative else None,
        assumptions=reading.assumptions,
        time=None if span is None else span.words,
    )


def _with_countries(
    report: SunReport, reading: SunReading, span: TimeSpan, evidence: BayesEvidence
) -> SunReport:
    table, prior = evidence.town_table, evidence.prior
    log = town_log_likelihood(reading, span, table)
    probability = prior * np.exp(log)
    probability /= probability.sum()
    by_country = np.bincount(table.country, probability, len(table.codes))
    before = np.bincount(table.country, prior, len(table.codes))
    order = np.argsort(-by_country, kind="stable")[:MAX_COUNTRIES].tolist()
    countries = [table.gazetteer.country_place(table.codes[number]) for number in order]
    held = by_country > 0.0
    bits = float((by_country[held] * np.log2(by_country[held] / before[held])).sum())
    found = tuple(
        SunCountry(
            country_code=place.country_code or "",
            name=place.name,
            probability=min(1.0, float(by_country[number])),
        )
        for place, number in zip(countries, order, strict=True)
    )
    return report.model_copy(update={"countries": found, "bits": bits})


def _compare_at(reading: SunReading, span: TimeSpan, site: times.Site) -> SunAtPlace:
    """Return the sun at the place at the best moment of the span."""
    moments = span.moments()
    if not span.is_utc:
        moments = np.array([times.utc_of_local(site, float(moment)) for moment in moments])
    squares = times.squared_deviation(reading, site.lat_deg, site.lon_deg, moments)
    best = int(squares.argmin()) if np.isfinite(squares).any() else len(moments) // 2
    elevation, azimuth = sun_angles(site.lat_deg, site.lon_deg, moments[best])
    finite = bool(np.isfinite(squares[best]))
    return SunAtPlace(
        elevation_deg=float(elevation),
        azimuth_deg=float(azimuth),
        deviations=float(np.sqrt(squares[best])) if finite else None,
        fits=bool(squares[best] <= times.max_squares(reading)),
    )


def _with_times(
    report: SunReport, reading: SunReading, site: times.Site, day: date | None
) -> SunReport:
    if day is not None:
        days, ranges = [times.times_of_day(reading, site, day)], []
    else:
        every = times.days_of_year(reading, site)
        ranges = times.day_ranges(every)
        days = [times.times_of_day(reading, site, each) for each in _one_a_month(ranges)]
    return report.model_copy(
        update={
            "zone": site.zone,
            "days": tuple(_sun_day(found, site) for found in days),
            "dates": tuple((part[0].day.isoformat(), part[-1].day.isoformat()) for part in ranges),
        }
    )


def _one_a_month(ranges: list[list[times.FittingDay]]) -> list[date]:
    """Return the middle day of every month's part of a range."""
    found = []
    for part in ranges:
        for month in dict.fromkeys(day.day.month for day in part):
            inside = [day.day for day in part if day.day.month == month]
            found.append(inside[len(inside) // 2])
    return found


def _sun_day(found: times.FittingDay, site: times.Site) -> SunDay:
    spans = tuple(
        SunSpan(
            first=times.local_time(site, span.first_s).isoformat(timespec="minutes"),
            best=times.local_time(site, span.best_s).isoformat(timespec="minutes"),
            last=times.local_time(site, span.last_s).isoformat(timespec="minutes"),
        )
        for span in found.spans
    )
    return SunDay(day=found.day.isoformat(), spans=spans)


def _site_of(lat_deg: float, lon_deg: float, evidence: BayesEvidence | None) -> times.Site:
    """Return a place with the time zone of its nearest town."""
    table = None if evidence is None else evidence.town_table
    zones = None if table is None else table.gazetteer.zones
    if table is None or zones is None:
        return times.Site(lat_deg, lon_deg, NO_ZONE)
    nearest = int(table.distances_km(lat_deg, lon_deg, slice(None)).argmin())
    return times.Site(lat_deg, lon_deg, zones[0][int(zones[1][nearest])])


def _parse_day(text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{text[:40]}: no day; write it as 2024-06-21") from error
    if not MIN_YEAR <= day.year <= MAX_YEAR:
        raise InputError(f"{text[:40]}: the year must be {MIN_YEAR} to {MAX_YEAR}")
    return day
