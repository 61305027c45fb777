"""What `geoagent sun` says."""

from geoagent_graph.cli.sun_words import sun_lines
from geoagent_graph.evidence.sun.report import SunAtPlace, SunDay, SunReport, SunSpan

SPAN = SunSpan(
    first="2024-06-21T08:57+01:00", best="2024-06-21T09:20+01:00", last="2024-06-21T09:49+01:00"
)


def last_line(report: SunReport) -> str:
    return list(sun_lines(report))[-1]


def test_what_fits_and_what_does_not_is_said() -> None:
    there = SunAtPlace(elevation_deg=25.5, azimuth_deg=80.0, deviations=3.2, fits=False)
    report = SunReport(words="the sun stood 35° high", zone="Europe/Lisbon", at_place=there)
    assert last_line(report).startswith("It does not fit well: there and then")
    fits = there.model_copy(update={"fits": True, "deviations": 0.4})
    assert "It fits" in last_line(report.model_copy(update={"at_place": fits}))
    night = there.model_copy(update={"elevation_deg": -20.0, "deviations": None})
    assert "20.0° below the horizon" in last_line(report.model_copy(update={"at_place": night}))
    other = there.model_copy(update={"deviations": None})
    assert "25.5° high" in last_line(report.model_copy(update={"at_place": other}))


def test_days_are_listed_by_part_of_the_year() -> None:
    day = SunDay(day="2025-06-16", spans=(SPAN,))
    report = SunReport(words="x", zone="UTC", days=(day,), dates=(("2025-06-01", "2025-06-30"),))
    assert "  16 Jun  08:57 to 09:49" in list(sun_lines(report))
    never = report.model_copy(update={"days": (), "dates": ()})
    assert last_line(never) == "There the sun does not stand so on any day of the year."
    not_then = never.model_copy(update={"days": (SunDay(day="2024-06-21", spans=()),)})
    assert last_line(not_then) == "There the sun does not stand so on 2024-06-21."
