"""Reads hostile photos; runs in a process of its own and imports `images.sandbox` alone.

Call: `python -I -S child.py FOLDER...`, the folders of Pillow, of its plug-ins and of this package.
Each request on standard input is a line of JSON with `task`, `max_pixels`, `max_side`, `seconds`
and `bytes`, then that many bytes of the file. Each photo is read in a fork of this process, under
limits of its own. The reply on standard output is a line of JSON, for the task `pixels` followed by
`bytes` bytes, the upright photo as raw RGB. A fault is the JSON `{"fault": ...}` with one of the
words that `decode.py` knows; texts of exceptions stay here, because they carry addresses and
attackers' words. When a fork is killed, by a limit or by a crash in a decoder, this process ends as
well.
"""

import importlib
import json
import os
import sys
from typing import Any

BASE_MEMORY_BYTES = 512 << 20
MEMORY_BYTES_PER_PIXEL = 12  # coefficients of a progressive JPEG, the bitmap and its converted copy


def limit_resources(max_pixels: int, seconds: int) -> None:
    """Cap memory, CPU time and files of this process, where the system can."""
    import resource

    memory_bytes = BASE_MEMORY_BYTES + MEMORY_BYTES_PER_PIXEL * max_pixels
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, wanted in limits.items():
        _, hard = resource.getrlimit(kind)
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(kind, (limit, limit))
        except (OSError, ValueError):  # macOS refuses some of them
            continue


def answer(task: str, data: bytes, max_pixels: int, max_side: int) -> tuple[dict[str, Any], bytes]:
    """Return the reply to one task; every fault becomes a word."""
    import struct

    from geoagent_graph.images.sandbox.metadata import read_metadata
    from geoagent_graph.images.sandbox.pixels import decode
    from geoagent_graph.images.sandbox.refused import Refused

    try:
        if task == "metadata":
            return read_metadata(data), b""
        return decode(data, max_pixels, max_side)
    except Refused as refused:
        return refused.reply, b""
    except MemoryError:
        return {"fault": "memory"}, b""
    except (OSError, SyntaxError, ValueError, EOFError, struct.error):
        return {"fault": "damaged"}, b""
    except Exception:  # noqa: BLE001  a plugin's own mistake on hostile bytes; the process ends here
        return {"fault": "damaged"}, b""


def load_decoders() -> None:
    """Import everything that reading needs, once, before the first fork."""
    import struct  # noqa: F401
    import warnings
    from xml.parsers import expat  # noqa: F401

    from PIL import Image

    from geoagent_graph.images.sandbox import metadata, pixels  # noqa: F401

    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # `pixels.choose_scale` has a limit of its own
    for plugin in pixels.PLUGINS.values():
        importlib.import_module(f"PIL.{plugin}")
    try:
        import pillow_heif  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return
    pillow_heif.register_heif_opener()
    pixels.FORMATS.append("HEIF")


def reply_and_exit(order: dict[str, Any], data: bytes) -> None:
    """Answer one request in a fork, and end it."""
    os.close(0)  # the requests to come are none of its business
    limit_resources(order["max_pixels"], order["seconds"])
    header, pixels = answer(order["task"], data, order["max_pixels"], order["max_side"])
    header["bytes"] = len(pixels)
    sys.stdout.buffer.write(json.dumps(header).encode("ascii") + b"\n")
    sys.stdout.buffer.write(pixels)
    sys.stdout.buffer.flush()
    os._exit(0)


def main() -> None:
    """Answer requests until standard input ends."""
    sys.path += sys.argv[1:]
    load_decoders()
    while line := sys.stdin.buffer.readline():
        order = json.loads(line)
        data = sys.stdin.buffer.read(order["bytes"])
        fork = os.fork()
        if fork == 0:
            reply_and_exit(order, data)
        del data
        _, status = os.waitpid(fork, 0)
        if status != 0:
            sys.exit(1)


if __name__ == "__main__":
    main()
