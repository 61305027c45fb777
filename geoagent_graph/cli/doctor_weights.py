"""What `geoagent doctor` says of weights: which were pulled, and how their model is served."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from geoagent_graph.policies.chosen_weights import server_command
from geoagent_graph.weights.catalogue import find_entry
from geoagent_graph.weights.store import WeightStore

if TYPE_CHECKING:
    from geoagent_graph.settings import Settings


@dataclass(frozen=True, slots=True)
class WeightsFinding:
    """What was found of weights: its name, state, words, and advice."""

    name: str
    state: Literal["ok", "partly", "missing"]
    found: str
    advice: str = ""


def check_weights(settings: "Settings") -> WeightsFinding:
    """Return which weights are on this machine; sizes are compared, no byte is read."""
    store = WeightStore(settings.weights_dir)
    there = store.entries("there")
    broken = [entry.name for entry in store.entries("partly", "changed")]
    pins = [store.pin(entry.name) for entry in there]
    size_mb = sum(pin.size_bytes for pin in pins if pin is not None) / 1e6
    names = ", ".join(entry.name for entry in there)
    found = f"{store.folder}: {names or 'nothing was pulled'}"
    if there:
        found += f", {size_mb:,.0f} MB"
    if broken:
        found += f"; not whole: {', '.join(broken)}"
        return WeightsFinding("weights", "partly", found, f"geoagent weights pull {broken[0]}")
    if not there:
        advice = "`geoagent weights list` shows what would see and read more"
        return WeightsFinding("weights", "partly", found, advice)
    return WeightsFinding("weights", "ok", found)


def check_served_weights(name: str, settings: "Settings") -> WeightsFinding:
    """Return the pulled weights of a served model, with the command that serves them."""
    entry = find_entry(name)
    command = server_command(entry, settings.weights_dir)
    found = f"{entry.title}, licence {entry.licence.id}"
    return WeightsFinding(f"weights {name}", "ok", found, f"its server: {command}")
