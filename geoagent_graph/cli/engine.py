"""The command line's one point of contact with the agent: photos in, steps and answers out.

A photo passes four files from the command line to the graph: `cli/locate.py` reads it,
`cli/engine.py` opens the tools once, `api.py` begins the run, `nodes/observe.py` looks at it. The
options of its policy are one `PolicyOptions` all the way: `cli/options.py` takes them, the settings
complete them, `policies/open_policy.py` reads them.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cli.known import KnownFlags
from geoagent_graph.errors import InputError
from geoagent_graph.policies.options import PolicyOptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geoagent_graph.api import Outcome
    from geoagent_graph.settings import Settings
    from geoagent_graph.types import Answer, ImageRef, Step

Photo = str | Path | bytes


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run was asked for: who decides, how much it may take, whether EXIF counts.

    `without_sources` are sources of evidence to leave out; empty leaves that to the settings.
    `prices` are dollars for a million tokens of the model, in and out.
    `keep` is a file of answers that several photos go into and that a later run completes. `known`
    is what a person knows of the photos.
    """

    options: PolicyOptions
    in_flight: int | None = None
    keep: Path | None = None
    use_exif: bool = True
    budget: int | None = None
    without_sources: tuple[str, ...] = ()
    prices: tuple[float, float] | None = None
    known: KnownFlags = field(default_factory=KnownFlags)


class Engine:
    """The agent with its tools opened once for a whole run of photos."""

    def __init__(
        self,
        request: RunRequest,
        settings: "Settings",
        progress: Callable[[float, str], None],
        *,
        engines_apart: bool = False,
    ) -> None:
        from geoagent_graph.allocator import bound_memory
        from geoagent_graph.deferred_imports import defer_packages
        from geoagent_graph.settings import prepare_process

        bound_memory()
        defer_packages()
        prepare_process()
        from geoagent_graph.default_tools import open_toolbox
        from geoagent_graph.policies.open_policy import check_options, photos_in_flight, with_policy
        from geoagent_graph.state import RunOptions

        if request.without_sources:
            left_out = ",".join(request.without_sources)
            settings = settings.model_copy(update={"without_sources": left_out})
        budget = settings.budget if request.budget is None else request.budget
        self._options = request.known.apply(RunOptions(use_exif=request.use_exif, budget=budget))
        options = request.options.complete(settings)
        _name_server(request.options, settings)
        self.policy_options = options
        check_options(options)  # what is missing is said before the tools are loaded
        toolbox = open_toolbox(
            settings,
            index=options.index,
            retriever=options.retriever,
            progress=progress,
            engines_apart=engines_apart,
        )
        self.toolbox = with_policy(toolbox, options)
        self._in_flight = request.in_flight or photos_in_flight(options)
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

    async def locate_many(
        self,
        photos: Sequence[Photo],
        first_of: Sequence[int] | None = None,
        names: Sequence[str] | None = None,
    ) -> "AsyncIterator[Outcome]":
        """Yield one outcome per photo, in input order, as they finish.

        `first_of` says for every photo which one is the first with the same bytes: that is the one
        that is located. None locates every photo. `names` are what the photos are called.
        """
        from geoagent_graph.api import locate_many

        if self._keep is not None:
            async for outcome in self._locate_and_keep(photos, self._keep, names):
                yield outcome
            return
        first_of = range(len(photos)) if first_of is None else first_of
        firsts = [number for number, first in enumerate(first_of) if number == first]
        copied = {first for number, first in enumerate(first_of) if number != first}
        located: dict[int, Outcome] = {}
        run = locate_many(
            [photos[number] for number in firsts],
            toolbox=self.toolbox,
            options=self._options,
            concurrency=self._in_flight,
            names=None if names is None else [names[number] for number in firsts],
        )
        for number, first in enumerate(first_of):
            outcome = await anext(run) if number == first else located[first]
            if number in copied:
                located[number] = outcome
            yield replace(outcome, index=number)

    async def _locate_and_keep(
        self, photos: Sequence[Photo], keep: Path, names: Sequence[str] | None
    ) -> "AsyncIterator[Outcome]":
        from geoagent_graph.api import Outcome
        from geoagent_graph.errors import GeoAgentError
        from geoagent_graph.kept_answers import locate_and_keep

        paths = [Path(photo) for photo in photos if not isinstance(photo, bytes)]
        if len(paths) < len(photos):
            raise InputError("--keep: photos must be files, not standard input")
        items = locate_and_keep(
            paths,
            keep,
            toolbox=self.toolbox,
            options=self._options,
            concurrency=self._in_flight,
            names=names,
        )
        index = 0
        async for item in items:
            error = GeoAgentError(item.error) if item.error is not None else None
            yield Outcome(index, str(item.photo), item.answer, error)
            index += 1

    def pixels(self, image: "ImageRef", max_side: int) -> "NDArray[np.uint8]":
        """Return the upright photo as RGB, shape [height, width, 3], at most `max_side` long."""
        return self.toolbox.images.pixels(image, max_side)


def _name_server(options: PolicyOptions, settings: "Settings") -> None:
    """Say how the server of pulled weights is started, where none was named."""
    named = options.base_url or settings.base_url
    if options.weights is None or options.policy != "served" or named is not None:
        return
    from geoagent_graph.cli.streams import write_note
    from geoagent_graph.policies.chosen_weights import LOCAL_SERVER, server_command
    from geoagent_graph.weights.catalogue import find_entry

    command = server_command(find_entry(options.weights), settings.weights_dir)
    write_note(f"asks the server at {LOCAL_SERVER}, which this command starts: {command}")
