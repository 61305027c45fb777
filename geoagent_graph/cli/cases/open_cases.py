"""The cases of a folder, and the tools that a case was begun with, for every command."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoagent_graph.cli.engine import Engine, RunRequest

if TYPE_CHECKING:
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.settings import Settings
    from geoagent_graph.toolbox import Toolbox


def settings_in(home: Path | None) -> "Settings":
    """Return the settings of this process, their home replaced where one was given."""
    from geoagent_graph.settings import load_settings

    settings = load_settings()
    return settings if home is None else settings.model_copy(update={"home": home})


def open_store(home: Path | None) -> "CaseStore":
    """Return the cases of a folder, their runs seen by telemetry where the settings say so.

    Raises:
        InputError: the endpoint of the settings is no URL, or the extra `otel` is missing.
    """
    return store_of(settings_in(home))


def store_of(settings: "Settings") -> "CaseStore":
    """Return the cases of the settings' folder; see `open_store`."""
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.telemetry.open_tracing import open_tracing

    return CaseStore(settings, open_tracing(settings))


def tools_for(
    settings: "Settings",
    request: dict[str, Any],
    progress: Callable[[float, str], None],
    *,
    engines_apart: bool = False,
) -> "Callable[[], Toolbox]":
    """Return what opens the tools that a case was begun with; see `open_toolbox`."""
    from geoagent_graph.policies.options import PolicyOptions

    def open_tools_of_case() -> "Toolbox":
        wanted = RunRequest(options=PolicyOptions.of_request(request))
        engine = Engine(wanted, settings, progress, engines_apart=engines_apart)
        return engine.toolbox  # one place opens tools for commands

    return open_tools_of_case
