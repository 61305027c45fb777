"""A drawn circle: points spread over it, and candidates that lie outside."""

import numpy as np
import pytest

from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.nodes.search_circle import SAMPLES, keep_inside, points_inside
from geoagent_graph.search_areas import AREA_KIND, SearchCircle, area_clue
from geoagent_graph.state import dump
from geoagent_graph.testing import (
    AFRICA,
    EUROPE,
    LISBON,
    PORTO,
    FixedEvidence,
    scripted_toolbox,
)
from geoagent_graph.types import Evidence, Place
from tests.support.node_runs import hypothesis, run_state

AROUND_LISBON = SearchCircle(lat_deg=38.7, lon_deg=-9.1, radius_km=100.0)


@pytest.mark.parametrize(
    "circle",
    [
        SearchCircle(lat_deg=38.7, lon_deg=-9.1, radius_km=100.0),
        SearchCircle(lat_deg=-17.0, lon_deg=179.9, radius_km=300.0),
        SearchCircle(lat_deg=89.9, lon_deg=0.0, radius_km=500.0),
    ],
)
def test_points_fill_the_circle_evenly(circle: SearchCircle) -> None:
    lat_deg, lon_deg = np.array(points_inside(circle)).T
    away_km = distance_km(circle.lat_deg, circle.lon_deg, lat_deg, lon_deg)
    assert len(away_km) == SAMPLES
    assert away_km[0] == pytest.approx(0.0, abs=1e-4)
    assert away_km.max() == pytest.approx(circle.radius_km, rel=1e-6)
    assert lon_deg.min() >= -180
    assert lon_deg.max() < 180
    # half the radius holds a quarter of the area
    assert (away_km < circle.radius_km / 2).mean() == pytest.approx(0.25, abs=0.01)


def test_a_circle_around_the_world_reaches_the_other_side() -> None:
    circle = SearchCircle(lat_deg=0.0, lon_deg=0.0, radius_km=20100.0)
    lat_deg, lon_deg = points_inside(circle)[-1]
    assert (lat_deg, abs(lon_deg)) == pytest.approx((0.0, 180.0), abs=1e-6)


async def test_what_lies_outside_leaves_its_probability_to_the_rest() -> None:
    state = run_state(region=dump(AROUND_LISBON))
    towns = [hypothesis(LISBON, 0.4, 0.6), hypothesis(PORTO, 0.5)]
    (lisbon,) = await keep_inside(towns, state, None, scripted_toolbox())
    assert lisbon.place.id == LISBON.id
    assert (lisbon.prior, lisbon.probability) == pytest.approx((0.8, 1.0))
    # the scripted geocoder finds Portugal at every point
    continents = [hypothesis(EUROPE, 0.4), hypothesis(AFRICA, 0.4)]
    kept = await keep_inside(continents, state, None, scripted_toolbox())
    assert [item.place.id for item in kept] == [EUROPE.id]


async def test_without_a_circle_all_stay() -> None:
    towns = [hypothesis(LISBON, 0.4)]
    assert await keep_inside(towns, run_state(), None, scripted_toolbox()) is towns
    drawn = run_state(region=dump(AROUND_LISBON))
    assert await keep_inside([], drawn, None, scripted_toolbox()) == []


async def test_where_the_evidence_weighs_areas_the_priors_stay() -> None:
    class AreaEvidence(FixedEvidence):
        """Lisbon lies in the area, Porto outside."""

        def score(self, candidate: Place, *rest: object) -> list[Evidence]:
            del rest
            log_lr = 2.0 if candidate.id == LISBON.id else -48.0
            place = {"place_id": candidate.id, "source": AREA_KIND, "log_lr": log_lr}
            return [Evidence.model_validate(place | {"reason": "a person looks there"})]

    state = run_state(region=dump(AROUND_LISBON), clues=[dump(area_clue(AROUND_LISBON))])
    towns = [hypothesis(LISBON, 0.4, 0.6), hypothesis(PORTO, 0.5)]
    toolbox = scripted_toolbox(evidence=AreaEvidence())
    assert await keep_inside(towns, state, None, toolbox) == towns[:1]  # judged with the evidence
