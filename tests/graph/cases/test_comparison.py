"""Two branches side by side."""

from pathlib import Path

import pytest

from geoagent_graph.cases.comparison import compare
from tests.support.cases import begin, go_on, store_in, tools, view_of


async def test_branches_differ_where_they_were_steered(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        await case.fork(4, {"country": "Spain"})
    await go_on(tmp_path, branch="spain")
    comparison = compare(view_of(tmp_path), view_of(tmp_path, "spain"))
    countries = {
        r.place.name: (r.first, r.second) for r in comparison.places if r.level == "country"
    }
    assert comparison.shared_steps == 5
    first, second = countries["Portugal"]
    assert first == pytest.approx(0.81)
    assert second is None
    assert list(countries["Spain"]) == [pytest.approx(0.09), pytest.approx(0.9)]
