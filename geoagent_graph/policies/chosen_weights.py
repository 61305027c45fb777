"""`--weights NAME`: pulled weights as the model of a policy, and the server that they want."""

import shlex
from pathlib import Path
from typing import Final

from geoagent_graph.errors import InputError
from geoagent_graph.weights.catalogue import find_entry
from geoagent_graph.weights.entry import Entry
from geoagent_graph.weights.store import WeightStore

LOCAL_SERVER: Final = "http://127.0.0.1:8000/v1"
_CONTEXT_TOKENS: Final = 16384  # what a question with four photos needs (docs/models.md)
_PROJECTOR_PREFIX: Final = "mmproj"


def model_of_weights(name: str, policy: str, folder: Path) -> dict[str, str]:
    """Return `model`, and `base_url` where a server is asked, for a policy over pulled weights.

    Args:
        name: the row of the catalogue.
        policy: who decides.
        folder: the folder of weights.

    Raises:
        InputError: the row is no model, is not on this machine, or does not suit the policy.
    """
    entry = find_entry(name)
    if entry.kind != "model" or policy not in ("served", "transformers"):
        raise InputError(
            f"--weights {name}: goes with a model, and with --policy served or transformers"
        )
    if policy == "served":
        WeightStore(folder).require(entry)
        return {"model": name, "base_url": LOCAL_SERVER}
    if is_gguf(entry):
        raise InputError(f"--weights {name}: is for llama.cpp; take --policy served")
    return {"model": str(WeightStore(folder).require(entry))}


def is_gguf(entry: Entry) -> bool:
    """Return whether a row is for llama.cpp; others are folders as vLLM takes them."""
    return any(file.path.endswith(".gguf") for file in entry.files)


def server_command(entry: Entry, folder: Path) -> str:
    """Return the command that serves a pulled model at `LOCAL_SERVER` under the row's name."""
    port = LOCAL_SERVER.rpartition(":")[2].removesuffix("/v1")
    own = folder / entry.name
    if is_gguf(entry):
        names = [file.path for file in entry.files]
        projector = next(name for name in names if name.startswith(_PROJECTOR_PREFIX))
        model = next(name for name in names if name != projector)
        words = [
            "llama-server", "--model", str(own / model), "--mmproj", str(own / projector),
            "--alias", entry.name, "--port", port, "--ctx-size", str(_CONTEXT_TOKENS), "--jinja",
        ]  # fmt: skip
    else:
        words = [
            "vllm", "serve", str(own), "--served-model-name", entry.name, "--port", port,
            "--max-model-len", str(_CONTEXT_TOKENS), "--limit-mm-per-prompt", '{"image": 4}',
            "--structured-outputs-config.backend", "xgrammar",
            "--structured-outputs-config.disable_any_whitespace", "true",
            "--logprobs-mode", "processed_logprobs",
        ]  # fmt: skip
    return shlex.join(words)
