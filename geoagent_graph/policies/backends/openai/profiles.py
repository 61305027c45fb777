"""What is known of a kind of model server before it is asked: its name, and what to advise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from geoagent_graph.policies.backends.openai.model_list import ListedModel


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of server.

    `constrains_letters` says that a reply can be held to single letters (`structured_outputs`), so
    that their log-probabilities are of the letters alone. `new_token_limit` says that its models
    want `max_completion_tokens`. The advice is what to start it with, where something is missing.
    """

    name: str
    constrains_letters: bool = False
    new_token_limit: bool = False
    context_advice: str = "give the model a longer context, 16384 tokens say"
    pictures_advice: str = "let it take more pictures in one question"
    logprobs_advice: str = ""


VLLM: Final = Profile(
    name="vLLM",
    constrains_letters=True,
    context_advice="start it with --max-model-len 16384",
    pictures_advice="start it with --limit-mm-per-prompt '{\"image\": 4}'",
    logprobs_advice="start it with --logprobs-mode processed_logprobs",
)
SGLANG: Final = Profile(name="SGLang", context_advice="start it with --context-length 16384")
LLAMA_CPP: Final = Profile(
    name="llama.cpp",
    context_advice="start it with --ctx-size 16384, times the number of its slots",
    pictures_advice="start it with --mmproj FILE and a larger --ctx-size",
)
OLLAMA: Final = Profile(
    name="Ollama",
    context_advice="start it with OLLAMA_CONTEXT_LENGTH=16384; it cuts longer questions off",
    logprobs_advice="take version 0.12.11 or newer",
)
LM_STUDIO: Final = Profile(
    name="LM Studio", context_advice="load the model with a context length of 16384"
)
OPENAI: Final = Profile(name="OpenAI", new_token_limit=True)
COMPATIBLE: Final = Profile(name="an OpenAI-compatible server")

_BY_OWNER: Final = {
    "vllm": VLLM,
    "sglang": SGLANG,
    "llamacpp": LLAMA_CPP,
    "llama.cpp": LLAMA_CPP,
    "library": OLLAMA,
    "ollama": OLLAMA,
    "organization_owner": LM_STUDIO,
}
_BY_PORT: Final = {11434: OLLAMA, 1234: LM_STUDIO, 30000: SGLANG}
_BY_HOST: Final = {"api.openai.com": OPENAI}


def find_profile(base_url: str, models: Sequence[ListedModel]) -> Profile:
    """Return the kind of a server: by who owns its models, else by its address."""
    owners = [model.owned_by.casefold() for model in models[:1]]
    for word, profile in _BY_OWNER.items():
        if any(word in owner for owner in owners):
            return profile
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if host.endswith(".openai.azure.com"):
        return OPENAI
    return _BY_HOST.get(host) or _BY_PORT.get(parts.port or 0) or COMPATIBLE
