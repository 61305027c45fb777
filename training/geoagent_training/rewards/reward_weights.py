"""The weight of a reward, one number or a course over the steps of a run."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Weight = Annotated[float, Field(allow_inf_nan=False)]


class WeightSchedule(BaseModel):
    """Weights at some steps, the first of them at step 0.

    Between two steps the earlier weight holds, or the weight moves on a straight line; from the
    last step on the last one holds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: dict[Annotated[int, Field(ge=0)], Weight]
    """Step to weight, such as `{0: 0.0, 200: 1.0}`."""

    between: Literal["hold", "linear"] = "hold"
    """What holds between the steps."""

    @model_validator(mode="after")
    def _begin_at_the_first_step(self) -> Self:
        if 0 not in self.at:
            raise ValueError("it has no weight at step 0: write {at: {0: 0.0, 200: 1.0}}")
        return self

    def weight_at(self, step: int) -> float:
        """Return the weight at a step."""
        steps = sorted(self.at)
        before = max(known for known in steps if known <= step)
        later = [known for known in steps if known > step]
        if not later or self.between == "hold":
            return self.at[before]
        share = (step - before) / (later[0] - before)
        return self.at[before] + share * (self.at[later[0]] - self.at[before])

    @property
    def last(self) -> float:
        """The weight at the end, which answers are compared with across steps."""
        return self.at[max(self.at)]


def weight_at(weight: float | WeightSchedule, step: int) -> float:
    """Return a weight at a step."""
    return weight.weight_at(step) if isinstance(weight, WeightSchedule) else weight


def last_weight(weight: float | WeightSchedule) -> float:
    """Return the weight at the end of its course."""
    return weight.last if isinstance(weight, WeightSchedule) else weight


def turning_steps(*weights: float | WeightSchedule) -> set[int]:
    """Return the steps at which weights change, and those before: extremes lie at one of them."""
    steps = {step for one in weights if isinstance(one, WeightSchedule) for step in one.at}
    return {0, *steps, *(max(0, step - 1) for step in steps)}
