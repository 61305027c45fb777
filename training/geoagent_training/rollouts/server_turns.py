"""Turns sampled by a vLLM server, each as soon as its conversation is ready for it.

Every process asks the server by itself, so that processes whose conversations take unlike many
turns never wait for each other; the server batches what reaches it at the same time. The trainer
sends it its weights before a batch of rollouts begins.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from geoagent_training.errors import ConfigError, ServiceError
from geoagent_training.rollouts.trainer_turns import REPORTED_TOKENS, turn_of_report
from geoagent_training.rollouts.turn_batches import GeneratedTurn, WantedTurn

MAX_CALLS_AT_ONCE: Final = 64


class ServerTurns:
    """Turns of the conversations that begin with the prompts of one batch of rollouts."""

    def __init__(self, trainer: Any, client: Any, prompts: Sequence[Any]) -> None:
        self._vllm = trainer.vllm_generation
        self._client = client
        self.prompt_ids, images, _ = trainer._tokenize_prompts(prompts)
        if images is None:
            raise ConfigError("rollouts: graph needs photos: the data set has none")
        self._features = _ask_server(client, client.image_features, images)
        self._threads = ThreadPoolExecutor(min(MAX_CALLS_AT_ONCE, max(1, len(prompts))))

    async def turn(self, wanted: WantedTurn) -> GeneratedTurn:
        """Return the next turn of a conversation.

        Raises:
            ServiceError: the server does not answer.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._sample_turn, wanted)

    def leave(self, row: int) -> None:
        """Do nothing: no conversation waits for another one."""

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown()

    def _sample_turn(self, wanted: WantedTurn) -> GeneratedTurn:
        vllm, tokens = self._vllm, list(wanted.tokens)
        found = _ask_server(
            self._client,
            self._client.generate,
            prompts=[tokens],
            features=[vllm._place_features(self._features[wanted.row], tokens)],
            n=1,
            repetition_penalty=vllm.repetition_penalty,
            temperature=vllm.temperature,
            top_p=vllm.top_p,
            top_k=vllm.top_k,
            min_p=0.0 if vllm.min_p is None else vllm.min_p,
            max_tokens=wanted.max_tokens,
            logprobs=REPORTED_TOKENS if wanted.letters else 0,
            generation_kwargs=vllm.generation_kwargs,
        )
        return turn_of_report(
            wanted,
            found["completion_ids"][0],
            found["logprobs"][0],
            found["logprob_token_ids"][0],
            temperature=vllm.temperature,
        )


def server_client(trainer: Any) -> Any:
    """Return the client of this process: the trainer's, or where only rank 0 has one, another.

    Raises:
        ServiceError: the server does not answer.
    """
    vllm = trainer.vllm_generation
    if trainer.accelerator.is_main_process:
        return vllm.vllm_client
    from trl.generation.vllm_client import VLLMClient

    from geoagent_training.rollouts.picture_budget import server_address

    address, seconds = server_address(trainer.args), trainer.args.vllm_server_timeout
    try:
        return VLLMClient(base_url=address, connection_timeout=seconds)
    except OSError as error:  # of requests: its own ConnectionError
        raise ServiceError(f"the vLLM server at {address} does not answer: {error}") from error


def _ask_server(client: Any, call: Any, *arguments: Any, **options: Any) -> Any:
    """Return what a call of TRL's client returns; it raises bare exceptions, which are ours here.

    Raises:
        ServiceError: any of them, with the server's address.
    """
    try:
        return call(*arguments, **options)
    except Exception as error:
        said = " ".join(str(error).split())[:300]
        raise ServiceError(f"the vLLM server at {client.base_url}: {said}") from error
