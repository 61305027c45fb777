"""Plug-ins: what other installed packages add, found by Python entry points.

A package that declares, say,

    [project.entry-points."geoagent_graph.policies"]
    oracle = "my_package:open_oracle"

adds a policy that `--policy oracle` selects. Listing imports nothing; a plug-in is imported when it
is used, and one that cannot be is an error of one line.
"""

import sys
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from geoagent_graph.errors import GeoAgentError, InputError

PluginGroup = Literal[
    "geoagent_graph.photo_places",
    "geoagent_graph.policies",
    "geoagent_graph.recognisers",
    "geoagent_graph.retrievers",
    "geoagent_graph.sources",
]


def plugin_names(group: PluginGroup) -> tuple[str, ...]:
    """Return the names of the plug-ins of a group, sorted."""
    return tuple(sorted({entry.name for entry in _entries_of(group)}))


def load_plugin(group: PluginGroup, name: str) -> Any:
    """Return what the entry point of a plug-in names.

    Raises:
        InputError: there is none of that name, or it cannot be imported.
    """
    found = [entry for entry in _entries_of(group) if entry.name == name]
    if not found:
        there = ", ".join(plugin_names(group)) or "none"
        raise InputError(f"{name}: no such plug-in of {group}; installed: {there}")
    return _import_object(found[0])


def open_plugin(group: PluginGroup, name: str, *parts: Any) -> Any:
    """Return what the function that a plug-in names makes of its parts.

    Raises:
        InputError: there is none of that name, it cannot be imported, or it fails.
        GeoAgentError: as the plug-in itself raises it.
    """
    factory = load_plugin(group, name)
    try:
        return factory(*parts)
    except GeoAgentError:
        raise
    except Exception as error:
        raise InputError(f"{name}: the plug-in cannot be opened ({_error_line(error)})") from error


def _entries_of(group: PluginGroup) -> tuple[EntryPoint, ...]:
    return _scan_packages(entry_points, group, tuple(sys.path))


@cache
def _scan_packages(
    find: Callable[..., Iterable[EntryPoint]], group: str, paths: tuple[str, ...]
) -> tuple[EntryPoint, ...]:
    """Return the entry points of the packages on these paths; a scan reads every package."""
    del paths
    return tuple(find(group=group))


def _error_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _import_object(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:
        package = f" of {entry.dist.name}" if entry.dist else ""
        raise InputError(
            f"{entry.name}: the plug-in {entry.value}{package} cannot be loaded "
            f"({_error_line(error)}). Repair or uninstall it."
        ) from error
