"""Runs a notebook in a kernel that has imported the packages."""

import json
from pathlib import Path
from typing import Any

import pytest
from nbclient import NotebookClient

_NAME = "warm"


def run_notebook(
    notebook: Any, folder: Path, python: str, patch: pytest.MonkeyPatch, own: Path
) -> None:
    """Execute the cells in a folder; `own` is where the kernel keeps its files."""
    kernel = own / "jupyter" / "kernels" / _NAME
    kernel.mkdir(parents=True)
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    described = {"argv": argv, "display_name": _NAME, "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(described))
    patch.setenv("JUPYTER_PATH", str(own / "jupyter"))
    patch.setenv("IPYTHONDIR", str(own))
    patch.setenv("TMPDIR", str(own))
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, resources=where, kernel_name=_NAME).execute()
