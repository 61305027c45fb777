"""What `geoagent locate` says of weights where it claims nothing: one line, asking nobody."""

from typing import TYPE_CHECKING, Final

from geoagent_graph.installation import extra_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoagent_graph.settings import Settings
    from geoagent_graph.types import Answer
    from geoagent_graph.weights.entry import Entry

_SMALLEST_MODEL: Final = "qwen3-vl-4b-gguf"
_READERS: Final = "ocr-"
SEE_COMMAND: Final = extra_command("see")


def pull_advice(answers: "Sequence[Answer]", policy: str, settings: "Settings") -> str | None:
    """Return what pulling weights would bring; None where something is claimed or a model sees."""
    unclaimed = [answer for answer in answers if answer.level == "none"]
    if not unclaimed or policy != "evidence":
        return None
    from geoagent_graph.weights.catalogue import find_entry
    from geoagent_graph.weights.store import WeightStore

    there = WeightStore(settings.weights_dir).entries("there")
    if _has_unread_writing(unclaimed) and not any(e.kind == "recogniser" for e in there):
        return (
            "writing that nothing here reads was seen; `geoagent weights list` has readers of "
            f"eight scripts, 8 to 13 MB each: `geoagent weights pull {_READERS}...`"
        )
    models = [entry.name for entry in there if entry.kind == "model"]
    if models:
        return (
            f"nothing is claimed; {models[0]} is on this machine and sees photos: "
            f"--policy served --weights {models[0]}"
        )
    entry = find_entry(_SMALLEST_MODEL)
    served = (
        f"`geoagent weights pull {entry.name}` ({_gigabytes([entry])}, {entry.licence.id}) brings "
        "a model that sees photos, on a server"
    )
    return f"nothing is claimed; {_geoclip_advice(settings)}{served}"


def _geoclip_advice(settings: "Settings") -> str:
    """Return what would let GeoCLIP see; empty where it does already, or is not wanted."""
    if settings.photo_places != "auto":
        return ""
    from geoagent_graph.perception.open_encoder import can_see, missing_geoclip_rows
    from geoagent_graph.weights.catalogue import find_entry

    extra = "" if can_see() else f"`{SEE_COMMAND}` and "
    if not missing_geoclip_rows(settings):
        return f"{extra.removesuffix(' and ')} lets GeoCLIP see photos here; " if extra else ""
    rows = [find_entry(name) for name in missing_geoclip_rows(settings)]
    pulls = " and ".join(f"`geoagent weights pull {row.name}`" for row in rows)
    return f"{extra}{pulls} ({_gigabytes(rows)}, MIT) bring GeoCLIP, which sees photos here; "


def _gigabytes(rows: "Sequence[Entry]") -> str:
    return f"{sum(row.size_bytes or 0 for row in rows) / 1e9:.1f} GB"


def _has_unread_writing(answers: "Sequence[Answer]") -> bool:
    return any(clue.kind == "script" for answer in answers for clue in answer.clues)
