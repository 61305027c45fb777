"""Sources of evidence, one file each: the list of them, and the labels of their clues."""

import contextlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.sources import (
    brands,
    currencies,
    dates,
    domains,
    file_place,
    file_position,
    geocells,
    languages,
    named_place,
    overlays,
    phones,
    photo_places,
    place_names,
    plates,
    postal_codes,
    roads,
    search_area,
    similar_photos,
    street_words,
    sun,
)
from geoagent_graph.plugins import PluginGroup, load_plugin, plugin_names
from geoagent_graph.translation import mark

BUILT_IN: tuple[Source, ...] = (
    overlays.SOURCE,
    languages.SOURCE,
    place_names.SOURCE,
    phones.SOURCE,
    domains.SOURCE,
    currencies.SOURCE,
    postal_codes.SOURCE,
    brands.SOURCE,
    plates.SOURCE,
    roads.SOURCE,
    dates.SOURCE,
    street_words.SOURCE,
    file_position.SOURCE,
    file_place.SOURCE,
    named_place.SOURCE,
    search_area.SOURCE,
    sun.SOURCE,
    photo_places.SOURCE,
    geocells.SOURCE,
    similar_photos.SOURCE,
)
"""The sources that ship, in the order in which they look at a photo."""

_TOOL_LABELS = {
    "text": mark("Text"),
    "script": mark("Script"),
    "exif_other": mark("Other claim of the file"),
    "policy": mark("Observation of the policy"),
    "context": mark("What is known of the photo"),
    "time_said": mark("Time, says a person"),
    "photo_embedding": mark("Photo in numbers"),
}
"""Labels of the clues that tools of perception and policies make, not sources."""

_SHIPPED_LABELS = {**{source.kind: source.label for source in BUILT_IN}, **_TOOL_LABELS}
_GROUP: PluginGroup = "geoagent_graph.sources"
_labels_in_use: dict[str, str] = {}


def source_names() -> tuple[str, ...]:
    """Return the names of the sources that ship and of those that are installed beside them."""
    return (*(source.name for source in BUILT_IN), *plugin_names(_GROUP))


def choose_sources(
    sources: Sequence[Source] | None = None, without: Collection[str] = ()
) -> tuple[Source, ...]:
    """Return the sources of a run, and have their labels known.

    Args:
        sources: None takes those that ship and those of installed plug-ins.
        without: names of sources to leave out; a plug-in that is left out is not imported.

    Raises:
        InputError: two have one name or one kind, a name to leave out is unknown, or a plug-in
            cannot be imported or is no source of its name.
    """
    if sources is None:
        _require_known(without, source_names())
        plugins = (name for name in plugin_names(_GROUP) if name not in without)
        sources = (*BUILT_IN, *map(_load_source, plugins))
    else:
        _require_known(without, [source.name for source in sources])
    kept = tuple(source for source in sources if source.name not in without)
    _require_distinct(kept)
    _labels_in_use.update({source.kind: source.label for source in kept})
    return kept


def clue_labels() -> Mapping[str, str]:
    """Return the label for people of every kind of clue that sources, tools and policies make.

    Those of plug-ins are there where they are installed or were given to an evidence model of this
    process.
    """
    return MappingProxyType({**_plugin_labels(), **_labels_in_use, **_SHIPPED_LABELS})


def clue_label(kind: str) -> str:
    """Return the label of a clue kind; of one that nothing here makes, its name in words."""
    known = _SHIPPED_LABELS.get(kind) or _labels_in_use.get(kind) or _plugin_labels().get(kind)
    return known or kind.replace("_", " ").capitalize()


@cache
def _plugin_labels() -> dict[str, str]:
    """Return the labels of installed plug-ins; a broken one has none until it is used."""
    labels = {}
    for name in plugin_names(_GROUP):
        with contextlib.suppress(InputError):  # who uses it is told; a stored trace opens anyway
            source = _load_source(name)
            labels[source.kind] = source.label
    return labels


def _load_source(name: str) -> Source:
    source = load_plugin(_GROUP, name)
    if not isinstance(source, Source):
        raise InputError(
            f"{name}: the plug-in is of type {type(source).__name__}, not a Source. "
            "Repair or uninstall it."
        )
    if source.name != name:
        raise InputError(f"{name}: the plug-in calls itself {source.name}. Repair or uninstall it.")
    return source


def _require_distinct(sources: Sequence[Source]) -> None:
    for field in ("name", "kind"):
        counts = Counter(getattr(source, field) for source in sources)
        twice = [value for value, count in counts.items() if count > 1]
        if twice:
            raise InputError(f"{twice[0]}: two sources of evidence have this {field}")


def _require_known(without: Collection[str], names: Collection[str]) -> None:
    for name in without:
        if name not in names:
            there = ", ".join(sorted(names))
            raise InputError(f"{name}: no such source of evidence; there are {there}")
