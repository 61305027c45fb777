"""What a photo is called in a file that is handed on."""

from geoagent_graph.render.safe_text import visible
from geoagent_graph.types import Answer


def photo_name(answer: Answer) -> str:
    """Return the photo's file name without its folders: they tell about the sender's machine."""
    last = answer.image.name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return visible(last or answer.image.name, 120)
