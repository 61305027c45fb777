"""What `geoagent sun` says, line by line."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from geoagent_graph.render.wording import percent
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.evidence.sun.report import SunAtPlace, SunDay, SunReport


def sun_lines(report: "SunReport") -> Iterator[str]:
    """Yield the lines of a report for people."""
    yield visible(_with_capital(report.words) + ".", 400)
    for assumption in report.assumptions:
        yield visible(f"  assumed: {assumption}", 200)
    if report.at_place is not None:
        yield _place_line(report.at_place)
    if report.countries:
        yield f"At {visible(report.time or '', 100)} that fits best, by the sun alone:"
        for country in report.countries:
            yield f"  {percent(country.probability):>6}  {visible(country.name, 80)}"
        yield f"That tells {report.bits or 0.0:.1f} bits of the country."
    elif report.zone is not None and report.at_place is None:
        yield from _time_lines(report)
    elif report.at_place is None:
        yield "Add --time and it says where, --at and it says when the sun stands so."


def _place_line(found: "SunAtPlace") -> str:
    if found.elevation_deg < 0.0:
        below = f"{-found.elevation_deg:.1f}° below the horizon"
        return f"It does not fit: there and then the sun is {below}."
    there = f"{found.elevation_deg:.1f}° high at a bearing of {found.azimuth_deg:.0f}°"
    if found.deviations is None:
        return f"It does not fit: there and then the sun stands {there}."
    verdict = "It fits" if found.fits else "It does not fit well"
    away = f"{found.deviations:.1f} standard deviations away"
    return f"{verdict}: there and then the sun stands {there}, {away}."


def _time_lines(report: "SunReport") -> Iterator[str]:
    if not any(day.spans for day in report.days):
        when = f"on {report.days[0].day}" if report.days else "on any day of the year"
        yield f"There the sun does not stand so {when}."
        return
    for first, last in report.dates:
        yield f"It stands so there at some time from {_day_name(first)} to {_day_name(last)}:"
        for day in report.days:
            if first <= day.day <= last:
                yield f"  {_day_name(day.day)}  {_day_spans(day)}"
    if not report.dates:
        yield from (f"{day.day}  {_day_spans(day)}" for day in report.days)
    yield f"Times are those of {visible(report.zone or '', 60)}."


def _day_spans(day: "SunDay") -> str:
    parts = [f"{_clock_time(span.first)} to {_clock_time(span.last)}" for span in day.spans]
    return " and ".join(parts)


def _clock_time(words: str) -> str:
    return f"{datetime.fromisoformat(words):%H:%M}"


def _day_name(words: str) -> str:
    return f"{date.fromisoformat(words).day:>2} {date.fromisoformat(words):%b}"


def _with_capital(words: str) -> str:
    return words[:1].upper() + words[1:]
