"""What a command takes over from whoever starts it; where it differs, another helper answers."""

import hashlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any, Final

from geoagent_graph.version import package_version

# Libraries look at these when they are imported, so a helper has them for good.
_READ_AT_IMPORT: Final = (
    "PYTHON", "LC_", "LANG", "TZ", "HOME", "XDG_", "TMPDIR", "LD_", "GLIBC_", "MALLOC_", "OMP_",
    "OPENBLAS_", "MKL_", "ORT_", "TESSDATA_", "LANGCHAIN_", "LANGSMITH_",
    "LANGGRAPH_", "GEOAGENT_CACHE_DIR", "GEOAGENT_THREADS", "GEOAGENT_KEEP_WARM_MINUTES",
)  # fmt: skip


def environment() -> dict[str, str]:
    """Return the whole environment, for the process that stands in for this one."""
    return dict(os.environ)


def take_over(variables: dict[str, str]) -> None:
    """Put another environment in the place of this process's own."""
    os.environ.clear()
    os.environ.update(variables)


def environment_of_helper() -> dict[str, str]:
    """Return the part that a helper starts with: no keys and no tokens."""
    wanted = (*_READ_AT_IMPORT, "PATH")
    return {name: value for name, value in os.environ.items() if name.startswith(wanted)}


def search_path() -> list[str]:
    """Return the folders that Python imports from, none of them relative."""
    return [str(Path(folder).absolute()) for folder in sys.path]


def name_of_surroundings() -> str:
    """Return 16 hex digits that differ wherever a helper would answer otherwise than a command.

    They stand for the code, its version and that of the packages beside it, the interpreter, what
    libraries read of the environment, the rights, the limits and the priority of the process.
    """
    mask = os.umask(0o077)
    os.umask(mask)
    parts = (
        package_version(),
        _state_of_code(),
        sys.executable,
        search_path(),
        sorted(
            (name, value) for name, value in os.environ.items() if name.startswith(_READ_AT_IMPORT)
        ),
        [os.getuid(), os.getgid(), sorted(os.getgroups()), mask],
        _limits(),
        os.getpriority(os.PRIO_PROCESS, 0),
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _state_of_code() -> list[Any]:
    """Return the newest change of our own files, and of the folders of installed packages."""
    own = Path(__file__).parents[2]
    files = [path.stat().st_mtime_ns for path in own.rglob("*.py")]
    folders = [Path(folder) for folder in search_path()]
    changed = [folder.stat().st_mtime_ns for folder in folders if folder.name == "site-packages"]
    return [str(own), len(files), max(files), changed]


def _limits() -> list[Any]:
    kinds = sorted(name for name in dir(resource) if name.startswith("RLIMIT_"))
    return [(kind, resource.getrlimit(getattr(resource, kind))) for kind in kinds]
