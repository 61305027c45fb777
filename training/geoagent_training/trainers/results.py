"""The folder `final` of a run: written whole, and recognised when the run is asked for again."""

import json
import logging
from pathlib import Path
from typing import Any, Final

from geoagent_training.models.taught_form import FILE_NAME, write_form
from geoagent_training.recipe import GrpoRecipe, SftRecipe
from geoagent_training.trainers.checkpoints import last_checkpoint

log = logging.getLogger(__name__)

FINAL: Final = "final"


def save_result(trainer: Any, processor: Any, recipe: SftRecipe | GrpoRecipe) -> Path:
    """Write weights, processor, and last of all what was taught; return the folder."""
    folder = Path(trainer.args.output_dir) / FINAL
    if trainer.accelerator.is_main_process:
        (folder / FILE_NAME).unlink(missing_ok=True)
    trainer.save_model(str(folder))
    processor.save_pretrained(folder)
    if trainer.accelerator.is_main_process:
        write_form(recipe, folder)
    return folder


def result_if_finished(args: Any, *, resume: bool) -> Path | None:
    """Return the result of a run that is to be resumed but has nothing left to do, else None.

    A run that is given more steps or epochs than it had is not finished.
    """
    folder = Path(args.output_dir) / FINAL
    newest = last_checkpoint(Path(args.output_dir)) if resume else None
    if newest is None or not (folder / FILE_NAME).is_file():
        return None
    try:
        state = json.loads((newest / "trainer_state.json").read_text(encoding="utf-8"))
        done, planned, epochs = (state[k] for k in ("global_step", "max_steps", "num_train_epochs"))
    except (OSError, ValueError, KeyError):
        return None
    more = args.max_steps > done if args.max_steps > 0 else args.num_train_epochs > epochs
    if done < planned or more:
        return None
    log.warning(
        "the run in %s is finished after %s steps: nothing is trained", args.output_dir, done
    )
    return folder
