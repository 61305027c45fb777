"""Evaluations while training, and the best weights kept."""

from typing import Any, Final

from geoagent_training.data.data_choice import DataChoice
from geoagent_training.data.eval_split import split_by_place, warn_of_shared_places
from geoagent_training.data.sources import SourceRow
from geoagent_training.data.tables import good_rows
from geoagent_training.errors import ConfigError
from geoagent_training.nearest_name import did_you_mean
from geoagent_training.recipe import GrpoRecipe, Recipe
from geoagent_training.rewards.reward_metrics import ACCURACY_KM

DEFAULT_STEPS: Final = 500
DEFAULT_SEED: Final = 42
_SFT_METRICS: Final = ("loss", "mean_token_accuracy")
_LOWER_IS_BETTER: Final = frozenset({"loss", "geo/median_km"})
_LOG_GEO: Final = frozenset({"geo_similarity", "spatial"})


def row_parts(recipe: Recipe) -> tuple[list[SourceRow], list[SourceRow]]:
    """Return the rows to train on and to evaluate on; the second is empty without evaluation.

    Raises:
        DataError: a data set has no usable row, or cannot be split by place.
    """
    rows = _rows_of(recipe.data)
    if recipe.eval_fraction is not None:
        seed = int(recipe.trainer.get("seed", DEFAULT_SEED))
        return split_by_place(rows, recipe.eval_fraction, seed)
    if recipe.eval_data is None:
        return rows, []
    held_out = _rows_of(recipe.eval_data)
    warn_of_shared_places(rows, held_out)
    return rows, held_out


def evaluation_arguments(recipe: Recipe) -> dict[str, Any]:
    """Return TRL's arguments for evaluations: none without rows to evaluate on."""
    if not recipe.evaluates:
        return {}
    given = recipe.trainer
    every = given.get("eval_steps", given.get("save_steps", DEFAULT_STEPS))
    arguments = {"eval_strategy": "steps", "eval_steps": every}
    if recipe.best_metric is None:
        return arguments
    return arguments | {
        "save_strategy": "steps",
        "save_steps": every,
        "load_best_model_at_end": True,
        "metric_for_best_model": f"eval_{recipe.best_metric}",
        "greater_is_better": recipe.best_metric not in _LOWER_IS_BETTER,
    }


def check_evaluation(recipe: Recipe, args: Any) -> None:
    """Refuse an evaluation of nothing, and a best figure that no evaluation has.

    Raises:
        ConfigError: the message names the key.
    """
    if str(args.eval_strategy) not in ("no", "IntervalStrategy.NO") and not recipe.evaluates:
        raise ConfigError(
            "trainer.eval_strategy: there is nothing to evaluate on: add eval_data or eval_fraction"
        )
    known = best_metrics(recipe)
    if recipe.best_metric is not None and recipe.best_metric not in known:
        raise ConfigError(
            f"best_metric: the evaluations of this recipe have no {recipe.best_metric}"
            f"{did_you_mean(recipe.best_metric, known)}. They have {', '.join(known)}"
        )


def best_metrics(recipe: Recipe) -> tuple[str, ...]:
    """Return the names of the figures that the evaluations of a recipe have."""
    if not isinstance(recipe, GrpoRecipe):
        return _SFT_METRICS
    rewards = tuple(f"rewards/{choice.name}/mean" for choice in recipe.rewards)
    geo = ("parsed", "resolved", "median_km", *(f"within_{km}_km" for km in ACCURACY_KM))
    logged = _LOG_GEO & {choice.function for choice in recipe.rewards}
    return ("reward", *rewards, *(f"geo/{name}" for name in geo if logged))


def _rows_of(data: DataChoice) -> list[SourceRow]:
    return good_rows(
        data.path,
        data.format,
        data.images,
        check_images=data.check_images,
        limit=data.limit,
        split=data.split,
    )
