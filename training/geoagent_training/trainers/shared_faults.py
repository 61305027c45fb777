"""A fault of one process made known to all: none is left waiting in a collective."""

import inspect
from collections.abc import Callable
from typing import Any

from geoagent_graph.errors import GeoAgentError
from geoagent_training.errors import ServiceError, TrainingStopped


class HeldFaults:
    """What went wrong in the reward functions of this process, until all processes are asked."""

    def __init__(self) -> None:
        self.found: list[Exception] = []

    def hold(self, reward: Any) -> Callable[..., Any]:
        """Return a reward that keeps its exception and scores nothing instead of raising it."""
        if inspect.iscoroutinefunction(reward.__call__):

            async def keep_fault_later(completions: Any, **columns: Any) -> Any:
                try:
                    return await reward(completions=completions, **columns)
                except Exception as error:  # noqa: BLE001  (raised again by every process)
                    return self._keep(error, completions)

            return _name_as(keep_fault_later, reward)

        def keep_fault(completions: Any, **columns: Any) -> Any:
            try:
                return reward(completions=completions, **columns)
            except Exception as error:  # noqa: BLE001  (raised again by every process)
                return self._keep(error, completions)

        return _name_as(keep_fault, reward)

    def raise_together(self) -> None:
        """Raise in every process what any of them found; all of them must come here.

        Raises:
            ServiceError: a service failed in some process; the message says in which.
            TrainingStopped: another process failed in another way.
            Exception: this process failed in another way, as it did.
        """
        from accelerate.utils import gather_object

        own = [(isinstance(error, ServiceError), _one_line(error)) for error in self.found[:1]]
        faults = [
            (rank, is_service, text)
            for rank, kept in enumerate(gather_object([own]))
            for is_service, text in kept
        ]
        found, self.found = self.found, []
        if not faults:
            return
        said = " ".join(f"Process {rank}: {text}" for rank, _, text in faults)
        if all(is_service for _, is_service, _ in faults):
            raise ServiceError(said) from (found[0] if found else None)
        if found and not isinstance(found[0], GeoAgentError):
            raise found[0]
        raise TrainingStopped(said) from (found[0] if found else None)

    def _keep(self, error: Exception, completions: Any) -> list[None]:
        self.found.append(error)
        return [None] * len(completions)


def _name_as(function: Callable[..., Any], reward: Any) -> Callable[..., Any]:
    function.__name__ = reward.__name__
    return function


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, GeoAgentError) else f"{type(error).__name__}: {text}"
