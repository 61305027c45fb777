"""What a photo is called in a file that is handed on."""

import re

from geoagent_graph.safe_text import visible
from geoagent_graph.types import Answer, ImageRef

# Not the backslash of a control character that was written out, as in "\\u202e".
_SEPARATOR = re.compile(r"/|\\(?!u[0-9a-f]{4})")


def photo_name(answer: Answer) -> str:
    """Return the photo's file name without its folders: they tell about the sender's machine."""
    return short_name(answer.image)


def short_name(image: ImageRef) -> str:
    """Return a photo's file name without its folders."""
    last = _SEPARATOR.split(image.name.rstrip("/\\"))[-1]
    return visible(last or image.name, 120)
