"""The command line's one point of contact with the agent: photos in, steps and answers out."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geoagent_graph.api import Outcome
    from geoagent_graph.settings import Settings
    from geoagent_graph.types import Answer, ImageRef, Step

Photo = str | Path | bytes


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run was asked for: the index, the policy, the budget, whether EXIF counts."""

    index: Path | None = None
    policy: str = "evidence"
    use_exif: bool = True
    budget: int | None = None


def check_policy(name: str) -> None:
    """Refuse a policy that does not exist.

    Raises:
        InputError: there is none of that name; the message lists those there are.
    """
    if name not in policies():
        raise InputError(f"--policy {name}: no such policy; there is: {', '.join(policies())}")


def policies() -> tuple[str, ...]:
    """Return the names that `--policy` takes, the default first."""
    from geoagent_graph.opening import POLICIES

    return POLICIES


class Engine:
    """The agent with its tools opened once for a whole run of photos."""

    def __init__(
        self, request: RunRequest, settings: "Settings", progress: Callable[[float, str], None]
    ) -> None:
        from geoagent_graph.allocator import bound_memory
        from geoagent_graph.settings import prepare_process

        bound_memory()
        prepare_process()
        from geoagent_graph.opening import open_toolbox
        from geoagent_graph.state import RunOptions

        budget = settings.budget if request.budget is None else request.budget
        self._options = RunOptions(use_exif=request.use_exif, budget=budget)
        self._toolbox = open_toolbox(
            settings, index=request.index, policy=request.policy, progress=progress
        )

    async def investigate(self, photo: Photo, name: str | None) -> "AsyncIterator[Step | Answer]":
        """Yield every step of one photo as it finishes, then the answer."""
        from geoagent_graph.api import investigate

        async for item in investigate(
            photo, toolbox=self._toolbox, options=self._options, name=name
        ):
            yield item

    async def locate_many(self, photos: Sequence[Photo]) -> "AsyncIterator[Outcome]":
        """Yield one outcome per photo, in input order, as they finish."""
        from geoagent_graph.api import locate_many

        async for outcome in locate_many(
            photos, toolbox=self._toolbox, options=self._options, concurrency=2
        ):
            yield outcome

    def pixels(self, image: "ImageRef", max_side: int) -> "NDArray[np.uint8]":
        """Return the upright photo as RGB, shape [height, width, 3], at most `max_side` long."""
        return self._toolbox.images.pixels(image, max_side)
