"""Reads text and embeds photos in a process of its own, for `engine_processes`.

Call: `python -I engine_child.py SETTINGS PARENT`: the settings as JSON with the paths of the
parent's modules, and the parent's number. A request is a line of JSON with `task` (`read` or
`encode`), `seconds` of CPU time, `shapes` and, to encode, the id of the `encoder`, then the pixels
of RGB photos. The reply to `read` is the lines of text as JSON, that to `encode` the vectors as
float32. A fault is `{"fault": ...}`, the text of a `ToolError`.
"""

import json
import math
import os
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoagent_graph.perception.text_reader import SignReader
    from geoagent_graph.protocols import VisualEncoder
    from geoagent_graph.settings import Settings


class Engines:
    """The reader and the encoders; each loads when it is first asked."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._encoders: dict[str, VisualEncoder] = {}

    @cached_property
    def reader(self) -> "SignReader":
        """The text reader."""
        from geoagent_graph.perception.text_reader import open_text_reader

        return open_text_reader(self._settings)

    def encoder(self, encoder_id: str) -> "VisualEncoder":
        """Return the image encoder of an id."""
        from geoagent_graph.perception.open_encoder import open_encoder_of

        if encoder_id not in self._encoders:
            self._encoders[encoder_id] = open_encoder_of(encoder_id, self._settings)
        return self._encoders[encoder_id]


def answer(engines: Engines, order: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the reply to one request.

    Raises:
        Exception: a defect; the process ends with it.
    """
    from geoagent_graph.errors import ToolError
    from geoagent_graph.perception.text_lines import TEXT_LINES

    photos = photos_of(order["shapes"], data)
    try:
        if order["task"] == "read":
            return {}, TEXT_LINES.dump_json(engines.reader.read(photos[0]))
        return {}, engines.encoder(order["encoder"]).encode(photos).tobytes()
    except ToolError as error:
        return {"fault": str(error)}, b""


def photos_of(shapes: list[list[int]], data: bytes) -> list[Any]:
    """Return the RGB photos of a request, each of shape [height, width, 3]."""
    import numpy as np

    photos, at = [], 0
    for shape in shapes:
        size = math.prod(shape)
        photos.append(np.frombuffer(data, np.uint8, size, at).reshape(shape))
        at += size
    return photos


def main() -> None:
    """Answer requests until standard input ends."""
    given = json.loads(sys.argv[1])
    sys.path += [path for path in given["paths"] if path not in sys.path]
    from geoagent_graph.allocator import bound_memory
    from geoagent_graph.settings import Settings, prepare_process
    from geoagent_graph.workers.messages import read_requests, write_message
    from geoagent_graph.workers.own_limits import (
        end_with_parent,
        gain_no_privileges,
        limit_cpu_seconds,
    )

    end_with_parent(int(sys.argv[2]))
    gain_no_privileges()
    bound_memory()
    prepare_process()
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no reply
    engines = Engines(Settings(**given["settings"]))
    for order, data in read_requests(sys.stdin.buffer):
        limit_cpu_seconds(order["seconds"])
        header, body = answer(engines, order, data)
        limit_cpu_seconds(0)
        write_message(replies, header, body)


if __name__ == "__main__":
    main()
