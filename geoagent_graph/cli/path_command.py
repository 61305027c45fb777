"""Which program `geoagent` on the PATH starts: another project installs a command of that name too.

Nothing is run: the start script that an installer writes is read, for the package it imports and
the Python it belongs to.
"""

import re
import shutil
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from geoagent_graph.regular_files import open_regular

COMMAND = "geoagent"
OUR_PACKAGE = "geoagent_graph"
MAX_SCRIPT_BYTES = 1 << 20
_OF_INSTALLERS = frozenset({"__future__", "importlib", "pkg_resources", "re", "sys"})
_IMPORT = re.compile(r"^\s*(?:from|import)\s+(\w+)", re.MULTILINE)
_REQUIREMENT = re.compile(r"""['"](geoagent[-_]graph)(?![\w-])""", re.IGNORECASE)

Program = Literal["ours", "ours of another Python", "another", "unknown", "none"]


@dataclass(frozen=True, slots=True)
class PathCommand:
    """What the command on the PATH starts; `package` is what its start script imports."""

    program: Program
    path: Path | None = None
    package: str | None = None


def find_path_command(name: str = COMMAND) -> PathCommand:
    """Return which program a command of the PATH starts, without running it."""
    found = shutil.which(name)
    if found is None:
        return PathCommand("none")
    path = Path(found)
    package = package_of_script(_script_text(path))
    if package is None:
        return PathCommand("unknown", path)
    if package != OUR_PACKAGE:
        return PathCommand("another", path, package)
    here = Path(sysconfig.get_path("scripts")).resolve()
    same = path.resolve().parent == here
    return PathCommand("ours" if same else "ours of another Python", path, package)


def package_of_script(script: str) -> str | None:
    """Return the package that a start script runs, None where it does not say."""
    if _REQUIREMENT.search(script):  # a script that looks its entry point up by the distribution
        return OUR_PACKAGE
    packages = [name for name in _IMPORT.findall(script) if name not in _OF_INSTALLERS]
    return packages[0] if packages else None


def _script_text(path: Path) -> str:
    """Return the text of a start script; Windows' launchers carry it in a ZIP archive."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive, archive.open("__main__.py") as file:
                return file.read(MAX_SCRIPT_BYTES).decode("utf-8", "replace")
        with open_regular(path) as file:
            return file.read(MAX_SCRIPT_BYTES).decode("utf-8", "replace")
    except (OSError, KeyError, zipfile.BadZipFile):
        return ""  # it cannot be read, and then it is not known what it starts
