"""Reference photos that look alike: hardly any weight, but for the same place once more."""

from dataclasses import astuple

import numpy as np
import pytest

from geoagent_graph.types import Reference
from tests.support.evidence_cases import model


def reference(score: float, lat_deg: float, lon_deg: float, number: int = 0) -> Reference:
    return Reference(id=f"r{number}", score=score, lat_deg=lat_deg, lon_deg=lon_deg)


def usual_hits() -> list[Reference]:
    towns = np.linspace(0, len(model().town_table) - 1, 49).astype(int).tolist()
    gazetteer = model().town_table.gazetteer
    return [
        reference(
            0.60 + 0.001 * number,
            float(gazetteer.lat_deg[town]),
            float(gazetteer.lon_deg[town]),
            number,
        )
        for number, town in enumerate(towns)
    ]


def test_look_alikes_hardly_move_anything() -> None:
    posterior = model().weigh((), usual_hits()).posterior
    usual = posterior.country_prior > 0.002
    ratio = posterior.country_probability[usual] / posterior.country_prior[usual]
    moved = np.abs(np.log(ratio))
    assert moved.max() < 1.0
    assert np.median(moved) < 0.15


def test_the_same_place_once_more_decides() -> None:
    same = reference(0.97, 38.71, -9.14, 99)
    posterior = model().weigh((), [same, *usual_hits()]).posterior
    assert posterior.country_probability[model().town_table.number_of["PT"]] > 0.8
    lat, lon, _ = astuple(model().locate(None, (), [same, *usual_hits()]))[:3]
    assert (lat, lon) == pytest.approx((38.71, -9.14), abs=0.05)


def test_one_place_photographed_ten_times_counts_once() -> None:
    one = model().weigh((), [reference(0.8, 38.71, -9.14, 99), *usual_hits()]).posterior
    views = [reference(0.8, 38.71, -9.14, 100 + number) for number in range(5)]
    five = model().weigh((), [*views, *usual_hits()]).posterior
    portugal = model().town_table.number_of["PT"]
    assert five.country_probability[portugal] <= one.country_probability[portugal] + 0.05


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_tiny_index_is_not_trusted_blindly(count: int) -> None:
    hits = [reference(0.6, 38.7 + number, -9.1, number) for number in range(count)]
    posterior = model().weigh((), hits).posterior
    assert posterior.country_probability[model().town_table.number_of["PT"]] < 0.3


def test_matching_points_decide_where_likeness_does_not() -> None:
    hit = reference(0.62, 38.71, -9.14, 99)
    matched = hit.model_copy(update={"matching_points": 30})
    portugal = model().town_table.number_of["PT"]
    for points, least, most in ((None, 0.0, 0.2), (0, 0.0, 0.2), (7, 0.0, 0.2), (8, 0.9, 0.999)):
        one = hit.model_copy(update={"matching_points": points})
        posterior = model().weigh((), [one, *usual_hits()]).posterior
        assert least < posterior.country_probability[portugal] < most
    weighed = model().weigh((), [*usual_hits(), matched]).posterior
    (said,) = weighed.likelihoods
    assert said.description.startswith("the same place as r99, 30 matching points; ")


def test_two_matched_places_share_the_claim_by_their_points() -> None:
    lisbon = reference(0.62, 38.71, -9.14, 98).model_copy(update={"matching_points": 30})
    cairo = reference(0.61, 30.05, 31.25, 99).model_copy(update={"matching_points": 10})
    posterior = model().weigh((), [cairo, lisbon, *usual_hits()]).posterior
    number = model().town_table.number_of
    assert posterior.country_probability[number["PT"]] == pytest.approx(0.74, abs=0.03)
    assert posterior.country_probability[number["EG"]] == pytest.approx(0.24, abs=0.03)
