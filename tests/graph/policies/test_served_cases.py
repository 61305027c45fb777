"""A case whose model server fails: what is finished is kept, and the case goes on later."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cases.events import RunFailed

pytest.importorskip("openai")

from geoagent_graph.errors import PolicyError
from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.settings import load_settings
from geoagent_graph.testing.mock_server import MockRequest, MockServer
from geoagent_graph.toolbox import Toolbox
from tests.support.cases import begin, go_on, nodes, store_in
from tests.support.served_faults import (
    CONTENT,
    FAULTS,
    LISBON,
    SOME_FAULTS,
    STEPS,
    Proxy,
    purpose_of,
    toolbox_of,
)

SAME_NODE = {"choice.country": {"turn.country"}, "choice.city": {"turn.city"}}


@pytest.fixture(scope="module")
def geocoder() -> OfflineGeocoder:
    return open_geocoder(load_settings())


def _opening(
    server: MockServer, geocoder: OfflineGeocoder, opened: list[Toolbox]
) -> Callable[[], Toolbox]:
    def tools() -> Toolbox:
        opened.append(toolbox_of(server, geocoder)[0])
        return opened[-1]

    return tools


async def _check_resumed(
    folder: Path, tools: Callable[[], Toolbox], asked: list[str], step: str
) -> None:
    """Check that the failure is in the trace, and that the case ends without doing a step twice."""
    store = store_in(folder)
    broken = store.read("one")
    failure = broken.events[-1]
    assert isinstance(failure, RunFailed)
    assert (broken.status, failure.event) == ("unfinished", "failure")
    assert failure.error == "PolicyError"
    done = [taken.node for taken in broken.steps]
    before = len(asked)
    events = await go_on(folder, opened=tools)
    whole = store.read("one")
    assert whole.answer is not None
    assert whole.answer.place.city == "Lisbon"
    assert [taken.node for taken in whole.steps] == done + nodes(events)
    finished = set(STEPS[: STEPS.index(step)]) - SAME_NODE.get(step, set())
    assert not set(asked[before:]) & finished


@pytest.mark.parametrize("fault", SOME_FAULTS)
async def test_a_case_is_resumed_after_every_kind_of_fault(
    fault: str, geocoder: OfflineGeocoder, tmp_path: Path
) -> None:
    step = "turn.country"
    proxy = Proxy((step,), FAULTS[fault], always=True)
    opened: list[Toolbox] = []
    async with MockServer(proxy) as server:
        tools = _opening(server, geocoder, opened)
        try:
            await begin(tmp_path, opened=tools)
        except PolicyError:
            proxy.healthy = True
            await _check_resumed(tmp_path, tools, proxy.asked, step)
        else:
            # no fault of form: names that no gazetteer knows, or log-probabilities not asked for
            assert fault in ("NaN log-probabilities", "unknown candidates") or fault in CONTENT
            answer = store_in(tmp_path).read("one").answer
            assert answer is not None
            assert answer.place.city == "Lisbon"
        await asyncio.gather(*(toolbox.aclose() for toolbox in opened))


@pytest.mark.parametrize("step", STEPS)
async def test_a_case_is_resumed_after_the_server_went_down_at_any_step(
    step: str, geocoder: OfflineGeocoder, tmp_path: Path
) -> None:
    asked: list[str] = []
    down = True

    def going_down(request: MockRequest) -> Any:
        asked.append(purpose_of(request))
        if down and asked[-1] == step:
            server.go_down()
        return LISBON(request)

    opened: list[Toolbox] = []
    async with MockServer(going_down) as server:
        tools = _opening(server, geocoder, opened)
        with pytest.raises(PolicyError, match="cannot be reached"):
            await begin(tmp_path, opened=tools)
        down = False
        await server.come_back()
        await _check_resumed(tmp_path, tools, asked, step)
        assert store_in(tmp_path).read("one").opened.environment.model == "mock-vl"
        await asyncio.gather(*(toolbox.aclose() for toolbox in opened))
