"""What is made of nothing is made once, for every thread, and anew for other parameters."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.unobserved import Unobserved, UnobservedCache
from tests.support.small_gazetteer import small_town_table


@pytest.fixture
def more_towns(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Other parameters while a test runs: small towns count for as much as large ones."""
    monkeypatch.setitem(table("fitted")["prior"]["values"], "town_population", 0.0)
    parameters.cache_clear()
    yield
    monkeypatch.undo()
    parameters.cache_clear()


def test_it_is_made_once_for_all_threads() -> None:
    cache = UnobservedCache(small_town_table())
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: cache.get(), range(16)))
    assert len({id(one) for one in found}) == 1
    assert found[0].point.is_prior
    codes = [place.continent_code for place, *_ in found[0].continents]
    assert codes == ["EU", "OC"]
    _, mass, prior = found[0].continents[0]
    assert mass == pytest.approx(prior)


def test_other_parameters_make_another_one(request: pytest.FixtureRequest) -> None:
    cache = UnobservedCache(small_town_table())
    before = cache.get()
    request.getfixturevalue("more_towns")
    after = cache.get()
    assert not np.allclose(before.posterior.probability, after.posterior.probability)
    made_alone = Unobserved.of(small_town_table())
    assert after.point == made_alone.point
    assert np.array_equal(after.posterior.probability, made_alone.posterior.probability)
