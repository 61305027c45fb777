"""Reads hostile photos; runs in a process of its own, of our code `images.sandbox` and `workers`.

Call: `python -I -S child.py FOLDER... PARENT`, the folders of Pillow, of its plug-ins and of this
package, and the number of the process that asks; the environment is empty. Each request on standard
input is a line of JSON with `task`, `max_pixels`, `max_side`, `seconds` of CPU time and `bytes`,
then that many bytes of the file; the task `frames`, of a video, has `max_frames` too. Each photo is
read in a fork of this process, under limits of its own: no file, no socket, no other process, time
and memory by what the photo claims to be. The reply on standard output is a line of JSON, for the
task `pixels` followed by `bytes` bytes, the upright photo as raw RGB, for `frames` by JPEGs. A
fault is the JSON `{"fault": ...}` with one of the words that `decode.py` knows;
texts of exceptions stay here, because they carry addresses and attackers' words. When a fork is
killed, by a limit or by a crash in a decoder, this process ends as well; its status tells which.
"""

import importlib
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from geoagent_graph.images.sandbox.allowance import Allowance

# What reading may look up while it may not open files any more.
ENCODINGS: Final = ("utf_8", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be",
                    "latin_1", "ascii", "cp1252", "utf_8_sig", "idna")  # fmt: skip
# What Pillow imports only when it meets two pictures in a JPEG, a colour's name, CIELAB.
IMPORTED_LATE: Final = ("MpoImagePlugin", "ImageColor", "ImageCms")
SPARE_CPU_SECONDS: Final = 1  # beyond the finer limit, which counts for what is left of it


def answer(
    task: str,
    data: bytes,
    max_pixels: int,
    max_side: int,
    allowance: "Allowance | None" = None,
    max_frames: int = 1,
) -> tuple[dict[str, Any], bytes]:
    """Return the reply to one task; every fault becomes a word."""
    import struct

    from geoagent_graph.images.sandbox.metadata import read_metadata
    from geoagent_graph.images.sandbox.pixels import decode
    from geoagent_graph.images.sandbox.refused import Refused

    try:
        if task == "metadata":
            if allowance is not None:
                allowance.limit_header()
            return read_metadata(data), b""
        if task == "frames":
            from geoagent_graph.images.sandbox.video import read_frames

            return read_frames(data, max_frames, max_pixels, allowance)
        return decode(data, max_pixels, max_side, allowance)
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

    from PIL import Image, ImageFile, ImagePalette, ImageSequence  # noqa: F401

    from geoagent_graph.images.sandbox import allowance, metadata, pixels  # noqa: F401
    from geoagent_graph.workers import system_calls  # noqa: F401

    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # `pixels.choose_scale` has a limit of its own
    for plugin in pixels.PLUGINS.values():
        importlib.import_module(f"PIL.{plugin}")
    for module in IMPORTED_LATE:
        with suppress(ImportError):  # a build of Pillow may lack it
            importlib.import_module(f"PIL.{module}")
    for encoding in ENCODINGS:
        "".encode(encoding)
    with suppress(ImportError):
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the fork may start none
    with suppress(ImportError):
        import pillow_heif  # type: ignore[import-not-found,unused-ignore]

        pillow_heif.register_heif_opener()
        pillow_heif.options.DECODE_THREADS = 1
        pixels.FORMATS.append("HEIF")


def load_video_reader() -> None:
    """Import what reading a video needs, once; most processes never read one."""
    from geoagent_graph.images.sandbox import video

    video.load_opencv()


def reply_and_exit(order: dict[str, Any], data: bytes) -> None:
    """Answer one request in a fork, and end it."""
    from geoagent_graph.images.sandbox.allowance import Allowance
    from geoagent_graph.workers.messages import write_message
    from geoagent_graph.workers.own_limits import end_with_parent, limit_resources
    from geoagent_graph.workers.system_calls import forbid_system_calls

    end_with_parent(order["parent"])
    os.close(0)  # the requests to come are none of its business
    limit_resources(
        {
            resource.RLIMIT_CPU: int(order["seconds"]) + SPARE_CPU_SECONDS,
            resource.RLIMIT_FSIZE: 0,
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_NOFILE: 0,  # no file, no socket
        }
    )
    forbid_system_calls()
    allowance = Allowance(order["seconds"], order["virtual_bytes"])
    limits = order["max_pixels"], order["max_side"], allowance, order.get("max_frames", 1)
    reply = answer(order["task"], data, *limits)
    write_message(sys.stdout.buffer, *reply)
    os._exit(0)


def main() -> None:
    """Answer requests until standard input ends."""
    *folders, parent = sys.argv[1:]
    sys.path += folders
    from geoagent_graph.images.sandbox.allowance import virtual_bytes
    from geoagent_graph.workers.messages import OUT_OF_TIME_STATUS, read_requests
    from geoagent_graph.workers.own_limits import end_with_parent, gain_no_privileges

    end_with_parent(int(parent))
    gain_no_privileges()
    load_decoders()
    for order, data in read_requests(sys.stdin.buffer):
        if order["task"] == "frames":
            load_video_reader()
        order |= {"parent": os.getpid(), "virtual_bytes": virtual_bytes()}
        fork = os.fork()
        if fork == 0:
            reply_and_exit(order, data)
        del data
        _, status = os.waitpid(fork, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGXCPU):
            sys.exit(OUT_OF_TIME_STATUS)
        if status != 0:
            sys.exit(1)


if __name__ == "__main__":
    main()
