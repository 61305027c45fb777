"""One reward function as a recipe names it."""

from pydantic import BaseModel, ConfigDict, PrivateAttr


class RewardChoice(BaseModel):
    """One reward function and its weight."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    function: str
    """A name in `geoagent_training.rewards`, or a dotted path such as `my_rewards.right_country`;
    the folder the command is started in is searched first."""

    weight: float = 1.0
    """Its weight in the sum."""

    _where: str = PrivateAttr("rewards")

    @property
    def where(self) -> str:
        """Where it is named, for messages: file and line of the recipe, `rewards` without one."""
        return self._where

    def locate(self, where: str) -> None:
        """Say in which line of which recipe it is named."""
        self._where = where
