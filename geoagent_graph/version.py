"""The version of the installed distribution."""

from importlib import metadata
from typing import Final

DISTRIBUTION: Final = "geoagent-graph"
NOT_INSTALLED: Final = "0"


def package_version() -> str:
    """Return the version that was installed, "0" where the package runs without being installed."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED
