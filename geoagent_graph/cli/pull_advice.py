"""What `geoagent locate` says of weights where it claims nothing: one line, asking nobody."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoagent_graph.settings import Settings
    from geoagent_graph.types import Answer

_SMALLEST_MODEL: Final = "qwen3-vl-4b-gguf"
_READERS: Final = "ocr-"


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
    size = f"{(entry.size_bytes or 0) / 1e9:.1f} GB"
    return (
        f"nothing is claimed; `geoagent weights pull {entry.name}` ({size}, {entry.licence.id}) "
        "brings a model that sees photos"
    )


def _has_unread_writing(answers: "Sequence[Answer]") -> bool:
    return any(clue.kind == "script" for answer in answers for clue in answer.clues)
