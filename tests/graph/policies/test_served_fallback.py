"""A model that fails for good: another policy finishes, and the answer says so."""

from typing import Any

import pytest

pytest.importorskip("openai")

from langgraph.checkpoint.memory import InMemorySaver

from geoagent_graph.errors import PolicyError
from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.graph import build_graph
from geoagent_graph.settings import load_settings
from geoagent_graph.state import AgentInput, answer_of, dump
from geoagent_graph.testing import ScriptedPolicy
from geoagent_graph.testing.mock_server import MockRequest, MockServer
from geoagent_graph.types import Answer
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

WHERE = {
    "draft": "observe",
    "choice.continent": "propose continent",
    "turn.country": "propose country",
    "choice.country": "propose country",
    "verdict.country": "judge country",
    "turn.city": "propose city",
    "choice.city": "propose city",
}


@pytest.fixture(scope="module")
def geocoder() -> OfflineGeocoder:
    return open_geocoder(load_settings())


async def _located(server: MockServer, geocoder: OfflineGeocoder) -> Answer:
    fallback = ScriptedPolicy.towards_lisbon()
    toolbox, _ = toolbox_of(server, geocoder, fallback=fallback)
    inputs = AgentInput(image=dump(toolbox.images.open(b"photo").image))
    try:
        ended: Any = await build_graph().ainvoke(inputs, context=toolbox)
        return answer_of(ended)
    finally:
        await toolbox.aclose()


def _check_marked(answer: Answer, step: str) -> None:
    assert answer.policy == "scripted (without served)"
    (warning,) = answer.warnings
    wanted = f"from {WHERE[step]} on scripted decided without the policy served (mock-vl): "
    assert warning.startswith(wanted)
    assert "\n" not in warning
    assert "sk-secret-1" not in warning
    assert len(warning) < 600
    (failed,) = (call for call in answer.tools if call.tool == "policy")
    assert failed.arguments == {"policy": "served", "stand_in": "scripted"}
    assert failed.error is not None
    assert warning.endswith(failed.error)


@pytest.mark.parametrize("fault", SOME_FAULTS)
async def test_a_lasting_fault_ends_in_a_marked_answer(
    fault: str, geocoder: OfflineGeocoder
) -> None:
    async def one(step: str) -> None:
        proxy = Proxy((step,), FAULTS[fault], always=True)
        async with MockServer(proxy) as server:
            answer = await _located(server, geocoder)
        assert proxy.hits
        assert answer.place.city == "Lisbon"
        if answer.policy == "served":  # what was wrong is of no matter to this question
            assert fault in CONTENT or fault == "NaN log-probabilities"
            assert answer.warnings == ()
            return
        _check_marked(answer, step)
        # once it has failed, the model is asked no more
        after = proxy.asked[proxy.asked.index(step) :]
        assert set(after) <= {step, f"choice.{step.partition('.')[2]}"}

    for step in STEPS:
        await one(step)


async def test_an_answer_of_a_server_that_was_never_there_is_the_fallbacks(
    geocoder: OfflineGeocoder,
) -> None:
    async with MockServer(LISBON) as server:
        gone = server
    answer = await _located(gone, geocoder)
    _check_marked(answer, "draft")
    assert answer.usage.calls == 0
    assert "cannot be reached" in answer.warnings[0]


@pytest.mark.parametrize("step", STEPS)
async def test_a_server_that_goes_down_within_a_run_is_replaced_to_the_end(
    step: str, geocoder: OfflineGeocoder
) -> None:
    """Also where the run is stopped and taken up again, and where the server is back by then."""

    def down_at_step(request: MockRequest) -> Any:
        if purpose_of(request) == step:
            server.go_down()
        return LISBON(request)

    async with MockServer(down_at_step) as server:
        toolbox, policy = toolbox_of(server, geocoder, fallback=ScriptedPolicy.towards_lisbon())
        graph = build_graph(InMemorySaver())
        config: Any = {"configurable": {"thread_id": "one"}, "recursion_limit": 200}
        given: Any = AgentInput(image=dump(toolbox.images.open(b"photo").image))
        node = WHERE[step].split()[0]
        steps: list[Any] = []
        while not any(call["tool"] == "policy" for taken in steps for call in taken["tools"]):
            await graph.ainvoke(given, config, context=toolbox, interrupt_after="*")
            given = None
            steps = (await graph.aget_state(config)).values["steps"]
        assert steps[-1]["node"] == node
        await server.come_back()
        asked = len(server.requests)
        ended: Any = await graph.ainvoke(None, config, context=toolbox)
        answer = answer_of(ended)
        _check_marked(answer, step)
        assert len(server.requests) == asked
        await policy.aclose()


async def test_a_run_that_lost_its_policy_does_not_go_on_without_a_fallback(
    geocoder: OfflineGeocoder,
) -> None:
    async with MockServer(LISBON) as server:
        toolbox, _ = toolbox_of(server, geocoder)
    with_fallback, _ = toolbox_of(server, geocoder, fallback=ScriptedPolicy.towards_lisbon())
    graph = build_graph(InMemorySaver())
    config: Any = {"configurable": {"thread_id": "one"}}
    inputs = AgentInput(image=dump(with_fallback.images.open(b"photo").image))
    await graph.ainvoke(inputs, config, context=with_fallback, interrupt_after=["observe"])
    with pytest.raises(PolicyError, match="needs a fallback"):
        await graph.ainvoke(None, config, context=toolbox)
    await toolbox.aclose()
    await with_fallback.aclose()
