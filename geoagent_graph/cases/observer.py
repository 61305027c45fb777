"""Who looks on while cases run: telemetry, for instance, handed to the `CaseStore`."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from geoagent_graph.cases.events import TraceEvent


class RunObserver(Protocol):
    """Sees every run of a store's cases; it cannot change one."""

    def watch_run(
        self, trace: Path, events: AsyncIterator[TraceEvent]
    ) -> AsyncIterator[TraceEvent]:
        """Yield the events of a run, all of them, as they come.

        `trace` is the file of the run's branch; it holds what was stored before this run.
        """
        ...
