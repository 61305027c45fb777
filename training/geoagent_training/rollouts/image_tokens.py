"""The mend for TRL 1.16 with vLLM in the same process: image tokens expanded twice.

TRL hands vLLM prompts in which every picture already takes as many tokens as it has patches, and
vLLM expands the first of them again. The sampler then answers another prompt than the trainer
scores, the importance ratio falls to 0, the whole batch is masked, and the loss is 0 without an
error (huggingface/trl #6294).
"""

from collections.abc import Callable, Sequence
from typing import Any

from geoagent_training.errors import TrainingStopped


def collapse_image_tokens(tokens: Sequence[int], image_token: int) -> list[int]:
    """Return the tokens with every run of image tokens as one: vLLM expands it itself."""
    return [
        token
        for at, token in enumerate(tokens)
        if not (token == image_token and at and tokens[at - 1] == image_token)
    ]


def mend_generation(
    generate: Callable[..., list[Any]], image_token: int, *, collapse: bool = True
) -> Callable[..., list[Any]]:
    """Return vLLM's `LLM.generate`, prompts collapsed first if wanted, and compared afterwards.

    Raises:
        TrainingStopped: vLLM still answered another prompt than it was given.
    """

    def generate_and_compare(prompts: Sequence[Any], *arguments: Any, **options: Any) -> list[Any]:
        asked = [_collapse_prompt(p, image_token) for p in prompts] if collapse else prompts
        outputs = generate(asked, *arguments, **options)
        for prompt, output in zip(prompts, outputs, strict=True):
            if isinstance(prompt, dict) and prompt.get("multi_modal_data"):
                given, used = list(prompt["prompt_token_ids"]), list(output.prompt_token_ids)
                if given != used:
                    raise TrainingStopped(
                        f"vLLM answered a prompt of {len(used)} tokens instead of the "
                        f"{len(given)} that are trained on: its pictures have other sizes, or TRL "
                        "no longer doubles image tokens. Switch vllm.collapse_image_tokens, or use "
                        "vllm.mode: server."
                    )
        return outputs

    return generate_and_compare


def _collapse_prompt(prompt: Any, image_token: int) -> Any:
    if not (isinstance(prompt, dict) and prompt.get("multi_modal_data")):
        return prompt
    tokens = collapse_image_tokens(prompt["prompt_token_ids"], image_token)
    return {**prompt, "prompt_token_ids": tokens}
