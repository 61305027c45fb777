"""What a photo is called in a file that is handed on."""

from geoagent_graph.render.safe_text import visible
from geoagent_graph.types import Answer, ImageRef


def photo_name(answer: Answer) -> str:
    """Return the photo's file name without its folders: they tell about the sender's machine."""
    return shown_name(answer.image)


def shown_name(image: ImageRef) -> str:
    """Return a photo's file name without its folders."""
    last = image.name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return visible(last or image.name, 120)
