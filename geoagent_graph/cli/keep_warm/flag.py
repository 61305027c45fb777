"""The one option that is heard before any command is loaded."""

from collections.abc import Sequence
from typing import Final

FLAG: Final = "--keep-warm"


def without_flag(arguments: Sequence[str]) -> list[str] | None:
    """Return what was typed without `--keep-warm`; None where it was not asked for."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = arguments[:end]
    if FLAG not in options:
        return None
    return [*(word for word in options if word != FLAG), *arguments[end:]]
