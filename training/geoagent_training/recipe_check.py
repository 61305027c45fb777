"""A recipe checked without a model or a step: keys, reward functions, TRL's arguments."""

from pathlib import Path

from geoagent_training.models.families import check_family, family_of
from geoagent_training.recipe import GrpoRecipe, Recipe
from geoagent_training.recipe_file import load_recipe, recipe_kind
from geoagent_training.rewards.reward_list import reward_functions
from geoagent_training.rollouts.conversation_budget import check_conversation
from geoagent_training.trainers.arguments import trainer_arguments


def check_recipe(path: Path) -> Recipe:
    """Return a recipe that would start on a machine with its model, device and services.

    The family of a model is looked at where the model is on this machine.

    Raises:
        ConfigError: it would not; one line with the file and the key or reward at fault.
    """
    recipe = load_recipe(path, recipe_kind(path))
    from trl import GRPOConfig, SFTConfig

    kind = SFTConfig
    if isinstance(recipe, GrpoRecipe):
        reward_functions(recipe.rewards)
        kind = GRPOConfig
    check_family(recipe, family_of(recipe.model, offline=True))
    anywhere = {"use_cpu": True, "bf16": False, "gradient_checkpointing": False}
    arguments = trainer_arguments(kind, recipe.trainer, anywhere)
    if isinstance(recipe, GrpoRecipe):
        check_conversation(recipe, arguments)
    return recipe
