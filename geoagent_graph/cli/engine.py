"""The command line's one point of contact with the agent: photos in, steps and answers out."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from geoagent_graph.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geoagent_graph.api import Outcome
    from geoagent_graph.policies.open_policy import PolicyChoice, PolicyName
    from geoagent_graph.settings import Settings
    from geoagent_graph.types import Answer, ImageRef, Step

Photo = str | Path | bytes


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run was asked for: the index, the policy, the budget, whether EXIF counts.

    `keep` is a file of answers that several photos go into and that a later run completes. With
    `fallback` the policy `evidence` stands in for a model that cannot be used.
    """

    index: Path | None = None
    policy: str = "evidence"
    base_url: str | None = None
    model: str | None = None
    vision: bool = True
    fallback: bool = False
    calibration: Path | None = None
    reference_photos: Path | None = None
    in_flight: int | None = None
    keep: Path | None = None
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
    from geoagent_graph.policies.open_policy import POLICIES

    return POLICIES


def policy_choice(request: RunRequest, settings: "Settings") -> "PolicyChoice":
    """Return the policy that was asked for, with what the settings add.

    Raises:
        InputError: there is none of that name.
    """
    from geoagent_graph.policies.open_policy import PolicyChoice

    check_policy(request.policy)
    return PolicyChoice(
        name=cast("PolicyName", request.policy),
        base_url=request.base_url or settings.base_url,
        model=request.model or settings.model,
        api_key=settings.api_key,
        vision=request.vision,
        device_map=settings.device_map,
        dtype=settings.dtype,
        quantisation=settings.quantisation,
        seed=settings.seed,
        call_seconds=settings.call_seconds,
        budget_seconds=settings.question_seconds,
        calibration=request.calibration or settings.calibration,
        reference_manifest=request.reference_photos or settings.reference_photos,
        fallback=request.fallback or settings.fallback,
    )


class Engine:
    """The agent with its tools opened once for a whole run of photos."""

    def __init__(
        self, request: RunRequest, settings: "Settings", progress: Callable[[float, str], None]
    ) -> None:
        from geoagent_graph.allocator import bound_memory
        from geoagent_graph.settings import prepare_process

        bound_memory()
        prepare_process()
        from geoagent_graph.default_tools import open_toolbox
        from geoagent_graph.policies.open_policy import with_policy
        from geoagent_graph.state import RunOptions

        budget = settings.budget if request.budget is None else request.budget
        self._options = RunOptions(use_exif=request.use_exif, budget=budget)
        choice = policy_choice(request, settings)
        if choice.name == "served":
            choice.server()  # a missing address is said before the tools are loaded
        toolbox = open_toolbox(settings, index=request.index, progress=progress)
        self.toolbox = with_policy(toolbox, choice)
        self._in_flight = request.in_flight or choice.in_flight
        self._keep = request.keep

    async def aclose(self) -> None:
        """Close the policy's connections in the running event loop."""
        await self.toolbox.aclose()

    async def investigate(self, photo: Photo, name: str | None) -> "AsyncIterator[Step | Answer]":
        """Yield every step of one photo as it finishes, then the answer."""
        from geoagent_graph.api import investigate

        async for item in investigate(
            photo, toolbox=self.toolbox, options=self._options, name=name
        ):
            yield item

    async def locate_many(self, photos: Sequence[Photo]) -> "AsyncIterator[Outcome]":
        """Yield one outcome per photo, in input order, as they finish."""
        from geoagent_graph.api import locate_many

        if self._keep is not None:
            async for outcome in self._kept(photos, self._keep):
                yield outcome
            return
        async for outcome in locate_many(
            photos, toolbox=self.toolbox, options=self._options, concurrency=self._in_flight
        ):
            yield outcome

    async def _kept(self, photos: Sequence[Photo], keep: Path) -> "AsyncIterator[Outcome]":
        from geoagent_graph.api import Outcome
        from geoagent_graph.batch import locate_batch
        from geoagent_graph.errors import GeoAgentError

        paths = [photo for photo in photos if isinstance(photo, Path)]
        if len(paths) < len(photos):
            raise InputError("--keep: photos must be files, not standard input")
        items = locate_batch(
            paths,
            keep,
            toolbox=self.toolbox,
            options=self._options,
            concurrency=self._in_flight,
        )
        index = 0
        async for item in items:
            error = GeoAgentError(item.error) if item.error is not None else None
            yield Outcome(index, str(item.photo), item.answer, error)
            index += 1

    def pixels(self, image: "ImageRef", max_side: int) -> "NDArray[np.uint8]":
        """Return the upright photo as RGB, shape [height, width, 3], at most `max_side` long."""
        return self.toolbox.images.pixels(image, max_side)
