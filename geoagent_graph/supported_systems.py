"""Which systems this program runs on; elsewhere it says so before anything of it is imported."""

import os
from typing import Final

NOT_ON_WINDOWS: Final = (
    "Windows is not supported: files are locked and photos decoded in the ways of Linux and macOS; "
    "use WSL 2, or the container of the Dockerfile"
)


def unsupported_system_words(system: str | None = None) -> str | None:
    """Return why this program does not run on a system, by `os.name`; None where it does."""
    return NOT_ON_WINDOWS if (system or os.name) == "nt" else None
