"""A scripted agent and a manifest of small files, for tests of evaluation runs."""

import json
from pathlib import Path
from typing import Any

from geoagent_evaluation.runs.agent import Agent
from geoagent_evaluation.runs.manifest import ManifestPhoto, read_photos
from geoagent_evaluation.runs.progress import Progress

from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.state import RunOptions
from geoagent_graph.testing import ScriptedPolicy, scripted_toolbox


def scripted_agent(policy: ScriptedPolicy | None = None, **parts: Any) -> Agent:
    """Return an agent that answers Lisbon, whatever the photo."""
    chosen = policy or ScriptedPolicy.towards_lisbon()
    toolbox = scripted_toolbox(policy=chosen, **parts)
    return Agent(toolbox, RunOptions(use_exif=False), in_flight=2, policy=PolicyOptions())


def write_manifest(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """Write a manifest and a file for each of its rows but those that end in `missing`."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        if not row["file"].endswith("missing"):
            (folder / row["file"]).write_bytes(row["file"].encode())
    manifest = folder / "metadata.jsonl"
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return manifest


def photos_of(manifest: Path) -> list[ManifestPhoto]:
    """Return the photos of a manifest whose countries are codes of two letters."""
    return read_photos(manifest, lambda name: [name] if len(name) == 2 else [])


def silent_progress(total: int, done: int) -> Progress:
    """Return a progress that says nothing."""
    return Progress(total, done, say=lambda _: None)


def rows_of(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of JSON lines."""
    return [json.loads(line) for line in file.read_text().splitlines()]
