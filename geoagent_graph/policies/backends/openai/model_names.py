"""Names of one model: as it was asked for, as a server lists it, as it signs its replies."""

import re
from typing import Final

_TAG: Final = re.compile(r"(?::latest|\.gguf|@[\w.-]{1,40})$")
_AFTER_NAME: Final = "-:@._"


def is_same_model(asked: str, said: str) -> bool:
    """Return whether a server's name for a model is the one asked for, in full, dated or tagged.

    "gpt-4o" is answered by "gpt-4o-2024-08-06", "llava" by "llava:latest",
    "Qwen/Qwen2.5-VL-7B-Instruct" by "qwen2.5-vl-7b-instruct" or by the file it was loaded from.
    """
    first, second = _plain_name(asked), _plain_name(said)
    if not first or not second:
        return False
    short, long = sorted((first, second), key=len)
    return long == short or (long.startswith(short) and long[len(short)] in _AFTER_NAME)


def _plain_name(name: str) -> str:
    last = name.strip().replace("\\", "/").rstrip("/").rpartition("/")[2].casefold()
    return _TAG.sub("", last)
