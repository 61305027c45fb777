"""What a photo is called in a file that is handed on."""

import re
from collections import defaultdict
from collections.abc import Sequence

from geoagent_graph.safe_text import visible
from geoagent_graph.types import Answer, ImageRef

# Not the backslash of a control character that was written out, as in "\\u202e".
_SEPARATOR = re.compile(r"/|\\(?!u[0-9a-f]{4})")


def photo_name(answer: Answer) -> str:
    """Return the photo's file name without its folders: they tell about the sender's machine."""
    return short_name(answer.image)


def distinct_names(answers: Sequence[Answer]) -> list[str]:
    """Return the photos' names, with as many of their last folders as tell files of one name apart.

    What is in no folder, or is one file twice, keeps its name.
    """
    parts = [_name_parts(answer.image.name) for answer in answers]
    shown = [1] * len(parts)
    while True:
        alike = defaultdict(list)
        for index, (path, count) in enumerate(zip(parts, shown, strict=True)):
            alike[tuple(path[-count:])].append(index)
        short = [
            index
            for group in alike.values()
            if len({tuple(parts[index]) for index in group}) > 1
            for index in group
            if shown[index] < len(parts[index])
        ]
        if not short:
            return [visible("/".join(p[-n:]), 120) for p, n in zip(parts, shown, strict=True)]
        for index in short:
            shown[index] += 1


def _name_parts(name: str) -> list[str]:
    return [part for part in _SEPARATOR.split(name) if part] or [name]


def short_name(image: ImageRef) -> str:
    """Return a photo's file name without its folders."""
    return visible(_name_parts(image.name)[-1], 120)
