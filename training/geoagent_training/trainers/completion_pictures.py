"""Answers beside their photos in the tracker: a few, small, and not at every step."""

import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

MAX_SIDE_PIXELS: Final = 320
MAX_TEXT_CHARACTERS: Final = 4000
MAX_TIMES_A_RUN: Final = 100


def is_time_for_pictures(state: Any) -> bool:
    """Say whether pictures are sent at this step: at most `MAX_TIMES_A_RUN` times in a run."""
    every = max(1, -(-int(state.max_steps) // MAX_TIMES_A_RUN))
    return int(state.global_step) % every == 0


def send_pictures(
    trainer: Any, samples: Sequence[Mapping[str, Any]], photos: Sequence[Any]
) -> None:
    """Send answers with their photos to TensorBoard and W&B, where the run reports to them.

    Args:
        trainer: whose trackers are in use.
        samples: of `completions.jsonl`.
        photos: PIL pictures, one each; they are not changed.
    """
    shown = [
        (_small_copy(photo), _words_of(one)) for photo, one in zip(photos, samples, strict=True)
    ]
    step = trainer.state.global_step
    for callback in trainer.callback_handler.callbacks:
        writer = getattr(callback, "tb_writer", None)
        if writer is not None:
            for number, (photo, words) in enumerate(shown):
                name = f"completions/{number}"
                writer.add_image(f"{name}/photo", np.asarray(photo), step, dataformats="HWC")
                writer.add_text(f"{name}/answer", words, step)
    if "wandb" in trainer.args.report_to and "wandb" in sys.modules:
        wandb = importlib.import_module("wandb")
        if wandb.run is not None:
            pictures = [wandb.Image(photo, caption=words) for photo, words in shown]
            wandb.log({"completions/photos": pictures}, commit=False)


def _small_copy(photo: Any) -> Any:
    small = photo.convert("RGB")
    small.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
    return small


def _words_of(sample: Mapping[str, Any]) -> str:
    """Return an answer as Markdown that shows it as it is."""
    answer = str(sample["completion"])[:MAX_TEXT_CHARACTERS]
    indented = "\n".join(f"    {line}" for line in answer.splitlines() or [""])
    return f"{sample['row_id']}: {json.dumps(sample['rewards'])}\n\n{indented}"
