"""A fork leaves the original alone."""

from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cases.comparison import compare
from geoagent_graph.cases.verification import verify_case
from geoagent_graph.errors import InputError
from tests.support.cases import begin, go_on, nodes, store_in, tools, view_of


async def test_a_fork_leaves_the_original_alone(tmp_path: Path) -> None:
    await begin(tmp_path)
    before = store_in(tmp_path).trace_text("one")
    async with store_in(tmp_path).hold("one", tools()) as case:
        assert await case.fork(4, {"country": "Spain"}) == "spain"
    await go_on(tmp_path, branch="spain")
    assert store_in(tmp_path).trace_text("one") == before
    view = view_of(tmp_path, "spain")
    assert (view.opened.forked_from.branch, view.opened.forked_from.step) == ("main", 4)
    assert view.opened.forked_from.hash == view_of(tmp_path).events[5].hash
    assert [h.place.name for h in view.answer.levels["country"]] == ["Spain"]
    assert "a person has set country=Spain" in view.answer.warnings[0]
    assert view.answer.levels["country"][0].probability == pytest.approx(0.9)  # Europe's
    assert (await verify_case(store_in(tmp_path), "one", "spain")).holds


async def test_a_plain_fork_is_a_branch_to_steer(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        assert await case.fork(8) == "branch"
        assert await case.fork(8) == "branch-2"
    events = await go_on(tmp_path, branch="branch")
    assert nodes(events) == ["propose", "retrieve", "ground", "judge", "answer"]
    comparison = compare(view_of(tmp_path), view_of(tmp_path, "branch"))
    assert comparison.shared_steps == 9
    assert all(row.first == row.second for row in comparison.places)


@pytest.mark.parametrize(
    ("at", "wanted", "problem"),
    [
        (99, {}, "no such step; the last one is 13"),
        (-1, {}, "no such step"),
        (0, {"country": "Spain"}, "set the continent as well"),
        (4, {"country": "Atlantis"}, "no country of that name"),
        (4, {"city": "Lisbon"}, "set the country as well"),
        (8, {"continent": "Africa", "country": "Spain"}, "does not lie in Africa"),
    ],
)
async def test_a_fork_that_cannot_be_is_refused(
    tmp_path: Path, at: int, wanted: Any, problem: str
) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        with pytest.raises(InputError, match=problem):
            await case.fork(at, wanted)
    assert store_in(tmp_path).branches("one") == ["main"]
