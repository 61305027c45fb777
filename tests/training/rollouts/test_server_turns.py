"""Rollouts over the graph by a vLLM server: every process asks it by itself."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.errors import ServiceError
from geoagent_training.models.loading import load_processor
from geoagent_training.rollouts.graph_rollouts import GraphRollouts
from geoagent_training.rollouts.server_turns import ServerTurns, server_client
from geoagent_training.rollouts.tools import AgentTools, agent_tools
from geoagent_training.rollouts.turn_batches import WantedTurn
from trl.generation import vllm_client

from tests.support.loopback_vllm import LoopbackVllm, server_trainer
from tests.support.training_graph_runs import CHOICE, chain_rows, dictated_runs, prompt_with

TWO_ORDERS = CHOICE.model_copy(update={"letter_orders": 2})


@pytest.fixture(scope="module")
def agent() -> AgentTools:
    return agent_tools()


@pytest.fixture(scope="module")
def processor(kit: Path) -> Any:
    return load_processor(str(kit / "agent_model"))


@pytest.fixture(autouse=True)
def _client_without_vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vllm_client, "is_vllm_available", lambda: True)


@pytest.mark.parametrize("main", [True, False])
def test_a_rank_rolls_out_over_http_what_a_batch_in_this_process_would(
    kit: Path, agent: AgentTools, processor: Any, serve: Callable[..., str], *, main: bool
) -> None:
    (run, *_), (speaker, *_), _ = dictated_runs(kit, agent, processor, TWO_ORDERS)
    place = run.answer.place if run.answer else None
    assert place
    names = [place.continent or "", place.country or "", place.city or ""]
    vllm = LoopbackVllm(processor, run.chat.exchanges, names)
    address = serve(vllm)
    client = vllm_client.VLLMClient(base_url=address) if main else None
    trainer = server_trainer(processor, address, main=main, client=client)
    prompts = [prompt_with(chain_rows(kit)[0][1])] * 3
    found = GraphRollouts(agent, TWO_ORDERS, processor)(prompts, trainer)
    speaker.close()
    assert found["completion_ids"] == [speaker.completion] * 3
    assert found["env_mask"] == [speaker.mask] * 3
    for logprobs, mask in zip(found["logprobs"], found["env_mask"], strict=True):
        assert len(logprobs) == len(mask)
        assert {value for value, mine in zip(logprobs, mask, strict=True) if not mine} == {0.0}
    assert trainer.waited  # for rank 0 and its weights, before the first turn
    assert vllm.rendered == 3
    # the run's own turns, and its three choices once more in another order
    assert len(vllm.generated) == 3 * (len(run.chat.exchanges) + 3)
    letters = [one["sampling_params"] for one in vllm.generated]
    assert {one["max_tokens"] for one in letters if one["logprobs"]} == {1}
    offsets = {one["features"]["mm_placeholders"]["image"][0]["offset"] for one in vllm.generated}
    assert offsets == {speaker.prompt.index(processor.image_token_id)}


def test_no_conversation_waits_for_another(
    kit: Path, processor: Any, serve: Callable[..., str], agent: AgentTools
) -> None:
    (run, *_), _, _ = dictated_runs(kit, agent, processor)
    address = serve(LoopbackVllm(processor, run.chat.exchanges, []))
    trainer = server_trainer(processor, address, main=False)
    prompts = [prompt_with(chain_rows(kit)[0][1])] * 2
    turns = ServerTurns(trainer, server_client(trainer), prompts)
    wanted = WantedTurn(0, tuple(turns.prompt_ids[0]), 512)

    async def one_of_two() -> list[int]:
        return (await turns.turn(wanted)).tokens  # the other one never asks

    said = processor.tokenizer.decode(asyncio.run(one_of_two()), skip_special_tokens=True)
    assert said == run.chat.exchanges[0].reply
    turns.close()


def test_a_server_that_fails_or_is_away_ends_the_run_with_its_address(
    kit: Path, processor: Any, serve: Callable[..., str]
) -> None:
    def answer(path: str, body: Any) -> tuple[int, object]:
        if path == "/v1/models":
            return 200, {"data": [{"id": "m"}]}
        return (200, {}) if path == "/health" else (400, "no room left")

    address = serve(answer)
    trainer = server_trainer(processor, address, main=False)
    prompts = [prompt_with(chain_rows(kit)[0][1])]
    with pytest.raises(ServiceError, match=rf"{address}: Request failed: 400, no room left"):
        ServerTurns(trainer, server_client(trainer), prompts)
    away = server_trainer(processor, "http://127.0.0.1:9", main=False)
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1:9 does not answer"):
        server_client(away)
