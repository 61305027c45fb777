"""Checks a model folder for the policy `transformers` without loading its weights."""

import importlib.util
import json
from pathlib import Path
from typing import Any

from geoagent_graph.errors import InputError
from geoagent_graph.installation import install_command
from geoagent_graph.policies.backends.openai.doctor import ModelFinding
from geoagent_graph.policies.backends.picture_processor import load_processor
from geoagent_graph.policies.backends.transformers import (
    LocalOptions,
    TransformersChat,
    device_map_of,
)
from geoagent_graph.regular_files import read_regular

_INDEX = "model.safetensors.index.json"
_MAX_JSON_BYTES = 64 << 20


def check_folder(options: LocalOptions) -> list[ModelFinding]:
    """Return whether a model can be loaded; nothing after what is missing is checked."""
    try:
        chat = TransformersChat(options)
    except InputError as error:
        return [ModelFinding("model", "missing", str(error), "check --model")]
    folder = Path(options.model)
    findings = []
    for check in (_check_kind, _check_weights, _check_processor, _check_device):
        findings.append(check(chat.model, folder, options))
        if findings[-1].state == "missing":
            break
    return findings


def _check_kind(model: str, folder: Path, options: LocalOptions) -> ModelFinding:
    del options
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as KINDS,
    )

    name = f"model {model}"
    try:
        kind = json.loads(read_regular(folder / "config.json", _MAX_JSON_BYTES))["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = f"config.json names no kind of model ({type(error).__name__})"
        return ModelFinding(name, "missing", said, "give a folder in the Hugging Face layout")
    if kind not in KINDS:
        advice = "give a vision-language model, such as Qwen2.5-VL or Qwen3-VL"
        return ModelFinding(name, "missing", f"{kind} takes no pictures and texts", advice)
    return ModelFinding(name, "ok", f"{kind}, {KINDS[kind]}")


def _check_weights(model: str, folder: Path, options: LocalOptions) -> ModelFinding:
    del model, options
    try:
        files = {"model.safetensors"}
        if (folder / _INDEX).exists():
            files = set(
                json.loads(read_regular(folder / _INDEX, _MAX_JSON_BYTES))["weight_map"].values()
            )
    except (OSError, ValueError, KeyError, AttributeError) as error:
        said = f"{_INDEX} cannot be read ({type(error).__name__})"
        return ModelFinding("weights", "missing", said, "download the model again")
    missing = sorted(str(file) for file in files if not (folder / str(file)).is_file())
    if missing:
        said = f"{len(missing)} of {len(files)} files are not there: {', '.join(missing[:3])}"
        return ModelFinding("weights", "missing", said, "download the model again, as safetensors")
    size = sum((folder / str(file)).stat().st_size for file in files) / 1e9
    return ModelFinding("weights", "ok", f"{len(files)} files, {size:.2f} GB")


def _check_processor(model: str, folder: Path, options: LocalOptions) -> ModelFinding:
    del model
    advice = "download the tokenizer and preprocessor files too"
    try:
        processor: Any = load_processor(str(folder), offline=options.offline)
        shown = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "?"}]}]
        text = processor.apply_chat_template(shown, tokenize=False, add_generation_prompt=True)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        said = " ".join(str(error).split())[:200]
        return ModelFinding("processor", "missing", said, advice)
    if "?" not in text:
        return ModelFinding("processor", "missing", "its chat template loses the text", advice)
    return ModelFinding("processor", "ok", type(processor).__mro__[1].__name__)


def _check_device(model: str, folder: Path, options: LocalOptions) -> ModelFinding:
    del model, folder
    import torch

    wanted = device_map_of(options)
    found = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU"
    needed = ["accelerate"] if wanted is not None else []
    if options.quantisation != "none":
        needed.append("bitsandbytes")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        said = f"needs {', '.join(missing)}"
        return ModelFinding("device", "missing", said, install_command(*missing))
    if options.quantisation != "none" and not torch.cuda.is_available():
        return ModelFinding("device", "missing", "no GPU", "quantised weights need one")
    if wanted is None:
        advice = "a model of several billion parameters takes minutes per photo on a CPU"
        return ModelFinding("device", "partly", f"CPU; {found}", advice)
    return ModelFinding("device", "ok", f"{found}, device map {wanted}")
