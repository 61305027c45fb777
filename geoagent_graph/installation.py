"""The command that adds packages to what this program runs in, as it can be typed here."""

import importlib.util
import shlex
import sys
from pathlib import Path
from typing import Final

DISTRIBUTION: Final = "geoagent-graph"
_OF_PIPX: Final = "pipx_metadata.json"  # what pipx lays into an environment that it has made
_OF_UV: Final = "uv-receipt.toml"  # and `uv tool install`


def extra_command(*extras: str) -> str:
    """Return the command that installs extras of this program beside it."""
    return install_command(f"{DISTRIBUTION}[{','.join(extras)}]")


def install_command(*requirements: str) -> str:
    """Return the command that installs packages where this program is installed.

    The environments of pipx and uv have no pip of their own, and a `pip` on the path would be
    another one's.
    """
    wanted = " ".join(_quote(requirement) for requirement in requirements)
    home = Path(sys.prefix)
    if (home / _OF_PIPX).is_file():
        return f"pipx inject {home.name} {wanted}"
    if (home / _OF_UV).is_file() or importlib.util.find_spec("pip") is None:
        return f"uv pip install --python {shlex.quote(sys.executable)} {wanted}"
    return f"pip install {wanted}"


def _quote(requirement: str) -> str:
    return f"'{requirement}'" if "[" in requirement else shlex.quote(requirement)
