"""The catalogue of weights: the rows that ship with the package, found by their names."""

import functools
import json
from difflib import get_close_matches
from importlib import resources

from geoagent_graph.errors import InputError
from geoagent_graph.weights.entry import Entry


@functools.cache
def catalogue() -> dict[str, Entry]:
    """Return the rows by name, in the order in which they are listed."""
    text = resources.files("geoagent_graph").joinpath("data/weights/catalogue.json").read_text()
    entries = [Entry.model_validate(row) for row in json.loads(text)["weights"]]
    return {entry.name: entry for entry in entries}


def find_entry(name: str) -> Entry:
    """Return the row of a name.

    Raises:
        InputError: there is none; the message names the nearest.
    """
    entries = catalogue()
    if name in entries:
        return entries[name]
    near = get_close_matches(name, entries, n=1)
    hint = f"did you mean {near[0]}?" if near else "`geoagent weights list` shows all"
    raise InputError(f"{name}: no such weights; {hint}")
