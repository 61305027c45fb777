"""What a batch is located with; plain values, so that they reach any process."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.state import RunOptions
from geoagent_graph.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """Who decides and how much a photo may take; the settings decide what is left open.

    Keys and tokens are not among them: every process reads its own from its environment.
    `without_sources` are sources of evidence to leave out. `in_flight` is how many photos one
    process works on at a time; a policy that waits for a server wants many.
    """

    policy: PolicyOptions = field(default_factory=PolicyOptions)
    use_exif: bool = True
    budget: int | None = None
    without_sources: tuple[str, ...] = ()
    in_flight: int = 1


@dataclass(frozen=True, slots=True)
class BatchTools:
    """The tools of one process, the options of every run, and the largest photo in bytes.

    `reading` are the tools that read alone: what they load is worth sharing, and bears a fork.
    """

    toolbox: Toolbox
    run: RunOptions
    max_bytes: int
    reading: Toolbox


_OPENED: Final[dict[BatchOptions, BatchTools]] = {}
_OPENING: Final = threading.Lock()


def open_tools(
    options: BatchOptions, progress: Callable[[float, str], None] | None = None
) -> BatchTools:
    """Return the tools of a batch, opened once in a process and inherited by its forks.

    Raises:
        GeoAgentError: a tool, a source, an index or a policy cannot be opened.
    """
    with _OPENING:
        if options not in _OPENED:
            _OPENED.clear()  # one set of tools fills enough memory
            _OPENED[options] = _open_new(options, progress)
        return _OPENED[options]


def _open_new(options: BatchOptions, progress: Callable[[float, str], None] | None) -> BatchTools:
    from geoagent_graph.settings import load_settings, prepare_process

    prepare_process()
    from geoagent_graph.default_tools import open_toolbox
    from geoagent_graph.policies.open_policy import check_options, with_policy

    settings = load_settings()
    if options.without_sources:
        left_out = ",".join(options.without_sources)
        settings = settings.model_copy(update={"without_sources": left_out})
    policy = options.policy.complete(settings)
    check_options(policy)  # what is missing is said before the tools are loaded
    toolbox = open_toolbox(
        settings, index=policy.index, retriever=policy.retriever, progress=progress
    )
    reading = replace(toolbox, retriever=None, classifier=None, photo_places=None)
    return BatchTools(
        toolbox=with_policy(toolbox, policy),
        reading=reading,
        run=RunOptions(use_exif=options.use_exif, budget=options.budget or settings.budget),
        max_bytes=settings.max_bytes,
    )
