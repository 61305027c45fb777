"""Every way a model server can fail, at every step: retried or a typed error, never wrong."""

import json
from typing import Any, cast

import pytest

pytest.importorskip("openai")

from langgraph.checkpoint.memory import InMemorySaver

from geoagent_graph.errors import PolicyError
from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.graph import build_graph
from geoagent_graph.policies.backends.openai.terms import KEY_HEADERS
from geoagent_graph.policies.model.policy import ModelPolicy
from geoagent_graph.protocols import Photo
from geoagent_graph.settings import load_settings
from geoagent_graph.state import AgentInput, answer_of, dump
from geoagent_graph.testing.mock_server import (
    MockReply,
    MockRequest,
    MockServer,
    completion,
    http_reply,
)
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Answer, Level
from tests.support.served_faults import (
    ATTEMPTS,
    CONTENT,
    FAULTS,
    FINAL,
    LISBON,
    SOME_FAULTS,
    STEPS,
    SURVIVED,
    Proxy,
    hanging_reply,
    toolbox_of,
)
from tests.support.situations import situation


@pytest.fixture(scope="module")
def geocoder() -> OfflineGeocoder:
    return open_geocoder(load_settings())


def _photo(toolbox: Toolbox) -> Photo:
    return Photo(toolbox.images.open(b"photo").image, toolbox.images)


async def _run(proxy: Proxy, geocoder: OfflineGeocoder) -> Answer | PolicyError:
    """Return how a run ends; after an error the server heals and the same run is resumed."""
    async with MockServer(proxy) as server:
        toolbox, policy = toolbox_of(server, geocoder)
        graph = build_graph(InMemorySaver())
        config: Any = {"configurable": {"thread_id": "case"}, "recursion_limit": 200}
        inputs = AgentInput(image=dump(toolbox.images.open(b"photo").image))
        try:
            state: Any = await graph.ainvoke(inputs, config, context=toolbox)
        except PolicyError as error:
            await _resumed(proxy, graph, config, toolbox)
            await policy.aclose()
            return error
        await policy.aclose()
        return answer_of(state)


async def _once(proxy: Proxy, geocoder: OfflineGeocoder) -> Answer:
    async with MockServer(proxy) as server:
        toolbox, policy = toolbox_of(server, geocoder)
        inputs = AgentInput(image=dump(toolbox.images.open(b"photo").image))
        try:
            ended: Any = await build_graph().ainvoke(inputs, context=toolbox)
            return answer_of(ended)
        finally:
            await policy.aclose()


async def _resumed(proxy: Proxy, graph: Any, config: Any, toolbox: Toolbox) -> None:
    proxy.healthy = True
    before = len(proxy.asked)
    done = [step["node"] for step in (await graph.aget_state(config)).values.get("steps", [])]
    answer = answer_of(await graph.ainvoke(None, config, context=toolbox))
    assert answer.place.city == "Lisbon"
    assert [step.node for step in answer.trace][: len(done)] == done
    asked_again = proxy.asked[before:]
    (step,) = proxy.steps
    of_this_node = {"choice.country": {"turn.country"}, "choice.city": {"turn.city"}}.get(
        step, set()
    )
    finished = set(STEPS[: STEPS.index(step)]) - of_this_node
    assert not set(asked_again) & finished


@pytest.mark.parametrize("fault", SOME_FAULTS)
async def test_one_fault_is_survived_at_every_step(fault: str, geocoder: OfflineGeocoder) -> None:
    proxy = Proxy(STEPS, FAULTS[fault], always=False)
    if fault in FINAL:
        with pytest.raises(PolicyError):
            await _once(proxy, geocoder)
        return
    answer = await _once(proxy, geocoder)
    assert answer.place.city == "Lisbon"
    assert set(proxy.hits) == set(STEPS)


async def _ask(policy: ModelPolicy, step: str, geocoder: OfflineGeocoder) -> bool:
    """Ask a policy the questions of one step of a run; say whether no reply was a wrong one."""
    kind, _, level = step.partition(".")
    if kind == "draft":
        return bool(await policy.draft(situation("continent").photo, []))
    (portugal,) = geocoder.countries_named("Portugal")
    (europe,) = [place for place in geocoder.continents() if place.continent_code == "EU"]
    within = {"continent": None, "country": europe, "city": portugal}
    at = situation(cast("Level", level), within[level])
    candidates = await policy.propose(at)
    if not candidates:  # places that nobody knows are none
        return kind == "turn"
    best = max(candidates, key=lambda candidate: candidate.probability).place
    if kind == "verdict":
        return (await policy.judge(at, candidates)).place_id == best.id
    return best.name in ("Europe", "Portugal", "Lisbon")


@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_a_lasting_fault_is_an_error_at_every_step(
    fault: str, geocoder: OfflineGeocoder
) -> None:
    errors = 0
    for step in STEPS:
        proxy = Proxy((step,), FAULTS[fault], always=True)
        async with MockServer(proxy) as server:
            _, policy = toolbox_of(server, geocoder)
            try:
                assert await _ask(policy, step, geocoder)
                # what a reply says is of no matter where only its log-probabilities count
                assert fault in CONTENT or fault in SURVIVED
                assert step.startswith("choice") or fault in ("unknown candidates", *SURVIVED)
            except PolicyError as error:
                errors += 1
                check_error(error)
            await policy.aclose()
        assert proxy.hits, step
        if not step.startswith("choice"):  # which asks in two letter orders at once
            assert len(proxy.hits) in _tries_of(fault)
    assert errors >= 1 or fault in CONTENT or fault in SURVIVED


def _tries_of(fault: str) -> set[int]:
    if fault == "401":  # a key is tried in every header, until one has been taken
        return {1, len(KEY_HEADERS)}
    if fault in SURVIVED:
        return {1, ATTEMPTS}
    return {1 if fault in FINAL else ATTEMPTS}


def check_error(error: PolicyError) -> None:
    assert "\n" not in str(error)
    assert "sk-secret-1" not in str(error)
    assert len(str(error)) < 600


@pytest.mark.parametrize("fault", SOME_FAULTS)
async def test_a_run_that_a_lasting_fault_ended_resumes(
    fault: str, geocoder: OfflineGeocoder
) -> None:
    for step in STEPS:
        end = await _run(Proxy((step,), FAULTS[fault], always=True), geocoder)
        if isinstance(end, PolicyError):
            check_error(end)
        else:
            assert end.place.city == "Lisbon"
            assert fault in CONTENT


async def test_a_server_that_is_not_there_is_named(geocoder: OfflineGeocoder) -> None:
    async with MockServer(LISBON) as server:
        gone = server
    toolbox, policy = toolbox_of(gone, geocoder)
    with pytest.raises(PolicyError, match=r"http://127\.0\.0\.1:\d+/v1: it cannot be reached"):
        await policy.draft(_photo(toolbox), [])
    await policy.aclose()


@pytest.mark.parametrize(
    ("listed", "chat", "message"),
    [
        (b'{"data": [{"id": "other"}]}', 404, "does not serve the model mock-vl; it offers: other"),
        (b'{"data": []}', 404, "it offers: none"),
        (b'{"detail": "Not Found"}', 405, "status 405: it refuses the request"),
    ],
)
async def test_a_model_that_is_not_served_is_named(
    listed: bytes, chat: int, message: str, geocoder: OfflineGeocoder
) -> None:
    refusal = http_reply(b'{"error": {"message": "The model `mock-vl` does not exist."}}', chat)
    async with MockServer(lambda _: refusal, models_reply=http_reply(listed)) as server:
        toolbox, policy = toolbox_of(server, geocoder)
        with pytest.raises(PolicyError, match=message):
            await policy.draft(_photo(toolbox), [])
        await policy.aclose()


@pytest.mark.parametrize(
    "reply",
    [
        http_reply(b'{"data": [{"id": "other"}]}'),
        http_reply(b'{"data": []}'),
        http_reply(b"{}", status=404),
        http_reply(b"<html>", content_type="text/html"),
        http_reply(b'{"error": "Unexpected endpoint or method. (GET /v1/models)"}'),
    ],
)
async def test_a_list_of_models_is_not_needed(reply: MockReply, geocoder: OfflineGeocoder) -> None:
    async with MockServer(LISBON, models_reply=reply) as server:
        toolbox, policy = toolbox_of(server, geocoder)
        assert await policy.draft(_photo(toolbox), [])
        await policy.aclose()


async def test_a_server_that_hangs_is_left(geocoder: OfflineGeocoder) -> None:
    async with MockServer(LISBON, models_reply=hanging_reply) as server:
        toolbox, policy = toolbox_of(server, geocoder)
        with pytest.raises(PolicyError, match="no reply in the time allowed"):
            await policy.draft(_photo(toolbox), [])
        await policy.aclose()


async def test_a_server_without_schemas_is_asked_without(geocoder: OfflineGeocoder) -> None:
    def picky(request: MockRequest) -> Any:
        if "response_format" in request.body:
            body = b'{"error": {"message": "response_format json_schema is not supported"}}'
            return http_reply(body, status=400)
        if "Decide:" in request.text:
            return completion('{"decision": "accept", "letter": "A"}')
        if '"next"' in request.text:
            town = "town in" in request.text
            step = {"action": "propose", "candidates": ["Lisbon" if town else "Portugal"]}
            return completion(f"Sure!\n```json\n{json.dumps({'next': step})}\n```")
        return LISBON(request)

    async with MockServer(picky) as server:
        toolbox, policy = toolbox_of(server, geocoder)
        graph = build_graph()
        inputs = AgentInput(image=dump(toolbox.images.open(b"photo").image))
        ended: Any = await graph.ainvoke(inputs, context=toolbox)
        answer = answer_of(ended)
        assert answer.place.city == "Lisbon"
        assert sum("response_format" in r.body for r in server.requests) == 1
        await policy.aclose()
