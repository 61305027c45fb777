"""A folder that looks to Python like an installed package with entry points."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def install_plugin(
    folder: Path, name: str, entry_points: Mapping[str, Mapping[str, str]], code: str
) -> None:
    """Write a module and the metadata that names its entry points, by group."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(code)
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        line
        for group, entries in entry_points.items()
        for line in (f"[{group}]", *(f"{key} = {value}" for key, value in entries.items()))
    ]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n")


def run_command(
    python: str, folder: Path, *arguments: object
) -> "subprocess.CompletedProcess[str]":
    """Return what `geoagent` printed in a process of its own that sees the folder's plug-ins."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), *sys.path))}
    environment["GEOAGENT_HOME"] = str(folder / "home")
    return subprocess.run(
        [python, "-m", "geoagent_graph.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        check=False,
    )
