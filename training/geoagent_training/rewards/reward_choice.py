"""One reward as a recipe names it: a function, a class, or a model."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr, model_validator

from geoagent_training.rewards.reward_weights import Weight, WeightSchedule


class RewardChoice(BaseModel):
    """One reward function or reward model, and its weight."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    function: str = ""
    """A name in `geoagent_training.rewards`, or a dotted path such as `my_rewards.right_country`;
    the folder the command is started in is searched first. It may be `async`, or a class whose
    objects are called."""

    model: str = ""
    """Folder or hub name of a model that scores a conversation with one number, instead."""

    arguments: dict[str, Any] = {}
    """By name: handed to the function at every call, or to the class when its object is made."""

    weight: Weight | WeightSchedule = 1.0
    """Its weight in the sum: a number, or a course such as
    `{at: {0: 0.0, 200: 1.0}, between: linear}`."""

    @model_validator(mode="after")
    def _name_one(self) -> Self:
        if bool(self.function) == bool(self.model):
            raise ValueError("name one of function and model")
        if self.model and self.arguments:
            raise ValueError("arguments: a reward model takes none")
        return self

    @property
    def name(self) -> str:
        """What it is called in logs and messages: the last part of its path."""
        return self.function.rpartition(".")[2] or self.model.rpartition("/")[2]

    _where: str = PrivateAttr("rewards")

    @property
    def where(self) -> str:
        """Where it is named, for messages: file and line of the recipe, `rewards` without one."""
        return self._where

    def locate(self, where: str) -> None:
        """Say in which line of which recipe it is named."""
        self._where = where
