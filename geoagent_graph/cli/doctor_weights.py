"""What `geoagent doctor` says of weights: which were pulled, and how their model is served."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from geoagent_graph.cli.pull_advice import SEE_COMMAND
from geoagent_graph.perception.open_encoder import can_see, missing_geoclip_rows
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


def check_photo_places(settings: "Settings") -> WeightsFinding:
    """Return whether a model that sees looks at photos, and what is missing where none does."""
    name = "photo places"
    if settings.photo_places == "none":
        return WeightsFinding(name, "partly", "switched off by GEOAGENT_PHOTO_PLACES=none")
    if settings.photo_places != "auto":
        return WeightsFinding(name, "ok", f"the plug-in {settings.photo_places} sees photos")
    wanted = [f"geoagent weights pull {row}" for row in missing_geoclip_rows(settings)]
    if not can_see():
        wanted.insert(0, SEE_COMMAND)
    if wanted:
        found = "nothing sees photos that show no text"
        return WeightsFinding(name, "partly", found, "; ".join(wanted))
    fitted = "" if settings.visual_weights is None else f", weighed by {settings.visual_weights}"
    return WeightsFinding(name, "ok", f"GeoCLIP sees photos{fitted}")


def check_served_weights(name: str, settings: "Settings") -> WeightsFinding:
    """Return the pulled weights of a served model, with the command that serves them."""
    entry = find_entry(name)
    command = server_command(entry, settings.weights_dir)
    found = f"{entry.title}, licence {entry.licence.id}"
    return WeightsFinding(f"weights {name}", "ok", found, f"its server: {command}")
