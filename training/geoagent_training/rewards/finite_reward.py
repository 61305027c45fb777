"""A guard around every reward function: what would silently mean "does not apply" ends the run."""

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from geoagent_training.errors import ServiceError

Scores = Sequence[float | None]
RewardFunction = Callable[..., Scores] | Callable[..., Awaitable[Scores]]


@dataclass(frozen=True)
class GuardedReward:
    """A reward function whose every result is checked: NaN would silently mean "does not apply"."""

    function: Any
    name: str = ""
    """What TRL logs; the function's own name where not given."""

    @property
    def __name__(self) -> str:
        """The name TRL logs."""
        return self.name or str(self.function.__name__)

    def check(self, returned: Any, count: int) -> list[float | None]:
        """Return what the function returned for `count` completions, as TRL takes it.

        Raises:
            ServiceError: it returned NaN, infinity, the wrong number of rewards, or no numbers.
        """
        values = self._as_list(returned)
        if len(values) != count:
            raise ServiceError(
                f"the reward {self.__name__} returned {len(values)} values for {count} completions"
            )
        bad = [value for value in values if value is not None and not math.isfinite(value)]
        if bad:
            raise ServiceError(
                f"the reward {self.__name__} returned {bad[0]} for {len(bad)} of "
                f"{len(values)} completions; return None where there is nothing to score"
            )
        return values

    def _as_list(self, returned: Any) -> list[float | None]:
        try:
            return [None if value is None else float(value) for value in returned]
        except (TypeError, ValueError) as error:
            raise ServiceError(
                f"the reward {self.__name__} returned {type(returned).__name__}: {error}; return a "
                "list with one number or None for each completion"
            ) from error


class FiniteReward(GuardedReward):
    """A reward function that is called."""

    def __call__(self, completions: Sequence[Any], **columns: Any) -> list[float | None]:
        """Return what the function returns.

        Raises:
            ServiceError: it returned NaN, infinity, the wrong number of rewards, or no numbers.
        """
        return self.check(self.function(completions=completions, **columns), len(completions))


class AsyncFiniteReward(GuardedReward):
    """A reward function that is awaited; TRL awaits all of a batch together."""

    async def __call__(self, completions: Sequence[Any], **columns: Any) -> list[float | None]:
        """Return what the function returns.

        Raises:
            ServiceError: it returned NaN, infinity, the wrong number of rewards, or no numbers.
        """
        returned = await self.function(completions=completions, **columns)
        return self.check(returned, len(completions))
