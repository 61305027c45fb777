"""The routes of a vLLM server that training uses, on loopback: a policy that was dictated once."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from geoagent_training.rollouts.chat import Exchange
from trl.generation.vllm_generation import VLLMGeneration

from tests.support.conversing_server import letter_of_place
from tests.support.training_graph_runs import rendered_tokens

TURN = "<|im_start|>user\n"


class LoopbackVllm:
    """Answers as the policy did in a rollout; keeps what it was asked."""

    def __init__(
        self, processor: Any, exchanges: Sequence[Exchange], places: Sequence[str]
    ) -> None:
        self._tokenizer = processor.tokenizer
        self._replies = {exchange.told: exchange.reply for exchange in exchanges}
        self._first = exchanges[0].reply
        self._places = places
        self.generated: list[Mapping[str, Any]] = []
        self.rendered = 0

    def __call__(self, path: str, body: Any) -> tuple[int, object]:
        """Return status and body of a reply."""
        if path == "/v1/models":
            return 200, {"data": [{"id": "m"}]}
        if path == "/v1/chat/completions/render":
            self.rendered += 1
            return 200, {"features": {"mm_placeholders": {"image": [{"offset": 9, "length": 1}]}}}
        if path == "/inference/v1/generate":
            self.generated.append(body)
            return 200, {"choices": [self._choice_of(body)]}
        return 200, {}

    def _choice_of(self, body: Mapping[str, Any]) -> dict[str, Any]:
        text = self._tokenizer.decode(body["token_ids"])
        told = text.rpartition(TURN)[2].partition("<|im_end|>")[0]
        first = text.count(TURN) == 1
        reply = self._first if first else self._replies.get(told)
        letters = body["sampling_params"]["logprobs"] > 0
        if reply is None:
            reply = letter_of_place(told, self._places)
        end = [] if letters else [self._tokenizer.eos_token_id]
        tokens = [*self._tokenizer(reply, add_special_tokens=False)["input_ids"], *end]
        return {
            "token_ids": tokens,
            "logprobs": {"content": [_place_report(one) for one in tokens]},
        }


def _place_report(token: int) -> dict[str, Any]:
    top = [{"token": f"token_id:{token}", "logprob": -0.1}]
    return {**top[0], "top_logprobs": top}


def server_trainer(processor: Any, address: str, *, main: bool, client: Any = None) -> Any:
    """Return as much of TRL's trainer in server mode as rollouts use, without a model."""
    vllm = SimpleNamespace(
        mode="server", temperature=1.0, top_p=1.0, top_k=0, min_p=None, repetition_penalty=1.0,
        generation_kwargs={}, processing_class=processor, vllm_client=client,
    )  # fmt: skip
    vllm._place_features = lambda features, ids: VLLMGeneration._place_features(vllm, features, ids)

    def tokenize(prompts: Sequence[Any]) -> tuple[Any, Any, Any]:
        images = [[prompt[-1]["content"][0]["image"]] for prompt in prompts]
        ids = [rendered_tokens(processor, list(p), add_generation_prompt=True) for p in prompts]
        return ids, images, {}

    waited: list[int] = []
    text = SimpleNamespace(max_position_embeddings=8192)
    return SimpleNamespace(
        use_vllm=True,
        vllm_generation=vllm,
        max_completion_length=4096,
        args=SimpleNamespace(
            vllm_server_base_url=address, vllm_server_timeout=0.0, vllm_max_model_length=None
        ),
        model=SimpleNamespace(training=True, config=SimpleNamespace(get_text_config=lambda: text)),
        accelerator=SimpleNamespace(
            is_main_process=main,
            device=torch.device("cpu"),
            gather=lambda values: values,
            wait_for_everyone=lambda: waited.append(1),
        ),
        waited=waited,
        _metrics={"train": _Metrics()},
        _tokenize_prompts=tokenize,
    )


class _Metrics(dict[str, list[float]]):
    def __missing__(self, name: str) -> list[float]:
        return self.setdefault(name, [])
