"""A trained adapter merged into its base: a plain folder that vLLM and transformers load."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

from geoagent_graph.policies.backends.adapter_base import missing_base_words
from geoagent_training.errors import ConfigError
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.models.taught_form import FILE_NAME

_CARD: Final = """\
---
license: {license}
base_model: {base}
pipeline_tag: image-text-to-text
tags: [geolocation, geoagent]
---
# {name}

Says where a photo was taken and shows its reasoning: country, region, specific location.

| | |
|---|---|
| base model | `{base}` |
| trained with | `geoagent-train` (supervised chains of thought, then GRPO) |
| steps | {steps} |
| adapter | {adapter} |
| input | one photo, and the words in `geoagent_graph.policies.model.prompts` |
| output | `<think>{{chain}}</think><answer>Country; Region; Specific location</answer>` |

Serve it:

    vllm serve {name}
    geoagent locate photo.jpg --policy served --base-url http://127.0.0.1:8000/v1 --model {name}

{results}
## Limits
It answers with the most likely place, not a certain one. Accuracy differs between countries with
the share of photos they have in the training data. Do not use it to find or follow people.
"""


def export_model(
    trained: Path, folder: Path, *, license_id: str = "apache-2.0", results: str = ""
) -> Path:
    """Write the merged model, its processor and a model card; return the folder.

    Args:
        trained: result of `sft` or `grpo`: an adapter, or a whole model.
        folder: where to write; must not hold anything yet.
        license_id: licence of the weights.
        results: Markdown that goes into the card.

    Raises:
        ConfigError: `trained` is no result of a training, or the folder is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty: choose another folder")
    model, base, adapter = _merge_adapter(trained)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder, safe_serialization=True)
    load_processor(str(trained)).save_pretrained(folder)
    if (trained / FILE_NAME).is_file():
        shutil.copyfile(trained / FILE_NAME, folder / FILE_NAME)
    card = _CARD.format(
        license=license_id,
        base=base,
        name=folder.name,
        steps=_steps_trained(trained),
        adapter=adapter,
        results=f"## Results\n{results}\n" if results else "",
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
    return folder


def _merge_adapter(trained: Path) -> tuple[Any, str, str]:
    """Return the whole model, the name of its base, and its adapter in words."""
    settings = trained / "adapter_config.json"
    if not settings.is_file():
        if not (trained / "config.json").is_file():
            raise ConfigError(f"{trained}: it holds neither an adapter nor a model")
        return load_model(str(trained), dtype="auto"), str(trained), "none, all weights trained"
    from peft import PeftModel

    stated = json.loads(settings.read_text(encoding="utf-8"))
    base = str(stated.get("base_model_name_or_path"))
    try:
        whole = load_model(base, dtype="auto")
    except ConfigError as error:
        raise ConfigError(missing_base_words(str(trained)) or str(error)) from error
    model = PeftModel.from_pretrained(whole, str(trained))
    words = f"LoRA r {stated['r']}, alpha {stated['lora_alpha']}, merged"
    return model.merge_and_unload(), base, words


def _steps_trained(trained: Path) -> str:
    """Return how many steps were trained, from the newest checkpoint beside the result."""
    states = [*trained.glob("trainer_state.json"), *trained.parent.glob("*/trainer_state.json")]
    steps = [json.loads(state.read_text())["global_step"] for state in states]
    return str(max(steps)) if steps else "unknown"
