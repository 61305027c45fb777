"""What the sun says of towns: the right one gains, none becomes impossible."""

import numpy as np
import pytest

from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.sun.clock import parse_time_span
from geoagent_graph.evidence.sun.reading import SunReading
from geoagent_graph.evidence.sun.town_likelihood import town_log_likelihood
from geoagent_graph.geo.sun_position import sun_angles
from geoagent_graph.sun_marks import MarkedPhoto, SunPosition, SunStatement, sun_clue
from geoagent_graph.types import Clue
from tests.support.evidence_cases import model
from tests.support.small_gazetteer import LABASA, LISBON, small_town_table

PHOTO = MarkedPhoto(width=4000, height=3000)
WHEN = "2024-06-21T10:30Z"


def clue_of(said: SunStatement) -> Clue:
    return sun_clue(said, PHOTO)


def country(evidence: BayesEvidence, code: str, clues: list[Clue]) -> float:
    place = evidence.town_table.gazetteer.country_place(code)
    return evidence.probability(place, clues, ())


def test_a_height_and_a_bearing_raise_the_right_country() -> None:
    evidence = model()
    lat_deg, lon_deg = 41.55, -8.42
    elevation, azimuth = sun_angles(lat_deg, lon_deg, parse_time_span(WHEN).first_s)
    said = SunPosition(elevation_deg=float(elevation), azimuth_deg=float(azimuth), time=WHEN)
    clue = clue_of(said)
    before, after = country(evidence, "PT", []), country(evidence, "PT", [clue])
    assert after > 5.0 * before
    assert country(evidence, "AU", [clue]) > 0.0
    (line,) = evidence.score(evidence.town_table.gazetteer.country_place("PT"), None, [clue], ())
    assert "the sun stood 5" in line.reason
    assert line.source == "sun"


def test_without_a_time_nothing_is_said_and_with_one_of_a_person_it_is() -> None:
    evidence = model()
    clue = clue_of(SunPosition(elevation_deg=55.0))
    spain = evidence.town_table.gazetteer.country_place("ES")
    assert evidence.score(spain, None, [clue], ()) == []
    said = Clue(
        id="time_said:1", kind="time_said", text="x", source="person", attributes={"time": WHEN}
    )
    assert len(evidence.score(spain, None, [clue, said], ())) == 1
    assert evidence.leave_out(["sun"]).score(spain, None, [clue, said], ()) == []


def test_what_cannot_be_read_says_nothing() -> None:
    evidence = model()
    spain = evidence.town_table.gazetteer.country_place("ES")
    good = clue_of(SunPosition(elevation_deg=55.0, time=WHEN))
    for attributes in ({}, {"said": "{"}, {"said": "{}", "photo": good.attributes["photo"]}):
        clue = good.model_copy(update={"attributes": attributes})
        assert evidence.score(spain, None, [clue], ()) == []


@pytest.mark.parametrize(
    "reading",
    [
        SunReading(40.0, 3.0),
        SunReading(40.0, 3.0, 120.0, 5.0, covariance=10.0),
        SunReading(azimuth_deg=359.0, azimuth_error_deg=4.0),
        SunReading(side="north"),
    ],
)
def test_no_town_becomes_impossible(reading: SunReading) -> None:
    logs = town_log_likelihood(reading, parse_time_span(WHEN), small_town_table())
    assert logs.max() == 0.0
    assert logs.min() > -12.0


def test_north_and_south_tell_the_hemispheres_apart() -> None:
    table = small_town_table()
    noon = parse_time_span("2024-07-10T12:00")
    south = town_log_likelihood(SunReading(side="south"), noon, table)
    assert south[LISBON] - south[LABASA] > 0.5
    assert np.isfinite(south).all()
