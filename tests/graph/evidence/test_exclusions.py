"""What was ruled out holds for the point and its radius as it does for the candidates."""

from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoagent_graph.cases.additions import add_to_case
from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.policies.evidence_policy import EvidencePolicy
from geoagent_graph.protocols import RuledOut, TextLine
from geoagent_graph.questions import SearchCircle
from geoagent_graph.settings import load_settings
from geoagent_graph.testing import FixedTextReader
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Box, Place
from tests.support.cases import begin, go_on, store_in, tools
from tests.support.evidence_cases import Case, exif_clue, model, observed


def country(code: str) -> Place:
    return model().town_table.gazetteer.country_place(code)


def country_at(lat_deg: float, lon_deg: float) -> str:
    town_table = model().town_table
    away_km = town_table.distances_km(lat_deg, lon_deg, slice(None))
    code: str = town_table.codes[town_table.country[int(np.argmin(away_km))]]
    return code


def away(circle: SearchCircle, lat_deg: float, lon_deg: float) -> float:
    return float(distance_km(circle.lat_deg, circle.lon_deg, lat_deg, lon_deg))


@pytest.mark.parametrize(
    "lines", [("28013 Madrid", "Calle Mayor 12"), ("Madrid",), ("+34 912 345 678",)]
)
@pytest.mark.parametrize("within", [None, "continent:EU"])
def test_the_point_does_not_lie_in_an_excluded_country(
    lines: tuple[str, ...], within: str | None
) -> None:
    clues, europe = observed(Case(*lines)), model().town_table.gazetteer.continent_place("EU")
    region = europe if within else None
    before = model().locate(region, clues, ())
    assert country_at(before.lat_deg, before.lon_deg) == "ES"
    lat, lon, radius = astuple(model().locate(region, clues, (), RuledOut((country("ES"),))))[:3]
    assert country_at(lat, lon) != "ES"
    posterior = model().weigh(clues, ()).posterior.probability
    open_towns = model().allowed_towns(RuledOut((country("ES"),)))
    if region:
        open_towns = open_towns & model().town_mask(region)
    near = model().town_table.distances_km(lat, lon, slice(None)) <= radius
    held = posterior[open_towns & near].sum() / posterior[open_towns].sum()
    assert held >= 0.85  # nine tenths, of towns that stand for the country around them


def test_an_excluded_city_takes_its_suburbs_with_it() -> None:
    clues = observed(Case("Lisboa"))
    lisbon = model().town_table.gazetteer.place(
        int(model().town_table.gazetteer.matches("lisboa")[0])
    )
    lat, lon, _ = astuple(model().locate(country("PT"), clues, (), RuledOut((lisbon,))))[:3]
    assert float(distance_km(lat, lon, lisbon.lat_deg, lisbon.lon_deg)) > 15
    assert country_at(lat, lon) == "PT"


def test_a_claimed_position_that_is_ruled_out_is_not_the_point() -> None:
    clues = [exif_clue(40.4168, -3.7038)]
    lat, lon, _ = astuple(model().locate(None, clues, (), RuledOut((country("ES"),))))[:3]
    assert country_at(lat, lon) != "ES"
    circle = SearchCircle(lat_deg=40.9, lon_deg=-4.1, radius_km=30)
    lat, lon, radius = astuple(model().locate(None, clues, (), RuledOut(circle=circle)))[:3]
    assert away(circle, lat, lon) <= 30
    assert radius <= 60


@settings(max_examples=25, deadline=None)
@given(st.floats(-89, 89), st.floats(-180, 179.9), st.floats(1, 3000))
def test_the_point_lies_in_a_drawn_circle(lat_deg: float, lon_deg: float, radius_km: float) -> None:
    circle = SearchCircle(lat_deg=lat_deg, lon_deg=lon_deg, radius_km=radius_km)
    lat, lon, radius = astuple(model().locate(None, (), (), RuledOut(circle=circle)))[:3]
    assert away(circle, lat, lon) <= radius_km * 1.001 + 0.05
    assert 0 < radius <= away(circle, lat, lon) + radius_km + 1e-6


def test_where_nobody_lives_the_point_is_the_middle_of_the_circle() -> None:
    circle = SearchCircle(lat_deg=-40.0, lon_deg=-110.0, radius_km=100)
    assert astuple(model().locate(None, (), (), RuledOut(circle=circle)))[:3] == (
        -40.0, -110.0, pytest.approx(94.9, abs=0.1),
    )  # fmt: skip


def test_a_country_that_is_excluded_as_a_whole_leaves_the_world() -> None:
    lat, lon, _ = astuple(model().locate(country("ES"), (), (), RuledOut((country("ES"),))))[:3]
    assert country_at(lat, lon) != "ES"


def test_everything_excluded_still_gives_a_point() -> None:
    continents = np.unique(model().town_table.continents)
    places = tuple(model().town_table.gazetteer.continent_place(str(code)) for code in continents)
    assert model().locate(None, (), (), RuledOut(places)).radius_km > 1000


WHOLE = Box(left=0, top=0, right=1, bottom=1)


def tools_that_read_madrid() -> Callable[[], Toolbox]:
    lines = [TextLine(t, WHOLE, 0.95, "Latn", "es", 0.9, "x") for t in ("Calle Mayor", "Madrid")]
    return tools(
        text_reader=FixedTextReader(lines),
        policy=EvidencePolicy(model()),
        evidence=model(),
        geocoder=open_geocoder(load_settings()),
    )


async def test_a_veto_moves_the_point_of_the_answer(tmp_path: Path) -> None:
    opened = tools_that_read_madrid()
    await begin(tmp_path, opened=opened)
    answer = store_in(tmp_path).read("one").answer
    assert answer is not None
    assert answer.place.country_code == "ES"
    async with store_in(tmp_path).hold("one", opened) as case:
        await case.veto("Spain", "left-hand traffic")
    await go_on(tmp_path, opened=opened)
    answer = store_in(tmp_path).read("one").answer
    assert answer is not None
    assert country_at(answer.lat_deg, answer.lon_deg) != "ES"
    assert not any("which was excluded" in warning for warning in answer.warnings)


@pytest.mark.parametrize("vetoes", [("Europe",), ("Spain",), ("Spain", "Portugal")])
async def test_after_a_veto_and_a_new_clue_all_shares_have_one_base(
    vetoes: tuple[str, ...], tmp_path: Path
) -> None:
    opened = tools_that_read_madrid()
    await begin(tmp_path, opened=opened)
    for place in vetoes:
        async with store_in(tmp_path).hold("one", opened) as case:
            await case.veto(place, "left-hand traffic")
        await go_on(tmp_path, opened=opened)
    said = {"kind": "clue", "text": "Rua Direita, tel. 253 217 346", "box": WHOLE.model_dump()}
    async with store_in(tmp_path).hold("one", opened) as case:
        await add_to_case(case, said)
        async for _ in case.run():
            pass
    answer = store_in(tmp_path).read("one").answer
    assert answer is not None
    gazetteer = model().town_table.gazetteer
    by_continent: dict[str | None, float] = {}
    for code, share in answer.countries.items():
        continent = gazetteer.country_place(code).continent_code
        by_continent[continent] = by_continent.get(continent, 0.0) + share
    continents = answer.levels["continent"]
    assert len(continents) > 2
    for found in continents:
        expected = by_continent.get(found.place.continent_code, 0.0)
        assert found.probability == pytest.approx(expected, abs=0.01)
    above = next(
        (c for c in continents if answer.levels.get("country") and c.place.continent_code
         == answer.levels["country"][0].place.continent_code), None
    )  # fmt: skip
    for found in answer.levels.get("country", ()):
        assert above is not None
        overall = answer.countries[found.place.country_code or ""]
        assert found.probability * above.probability == pytest.approx(overall, abs=0.01)
