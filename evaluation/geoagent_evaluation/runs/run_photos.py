"""A whole run: photos of a manifest located, and what the harness scores written."""

import asyncio
import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoagent_evaluation.contract import run_folder
from geoagent_evaluation.runs.agent import Agent
from geoagent_evaluation.runs.evidence_rows import write_evidence
from geoagent_evaluation.runs.journal import read_rows, replace_rows
from geoagent_evaluation.runs.locate_photos import Located, locate_photos
from geoagent_evaluation.runs.manifest import ManifestPhoto
from geoagent_evaluation.runs.prediction_row import failure_row, prediction_row
from geoagent_evaluation.runs.progress import Progress
from geoagent_evaluation.runs.run_state import RunState
from geoagent_graph.version import package_version


@dataclass(frozen=True, slots=True)
class RunChoice:
    """What a run writes beside what the agent says: where, what a model costs, what is redone."""

    out: Path
    dollars_per_million: tuple[float, float] | None = None
    retry_failed: bool = False


def run_photos(
    photos: Sequence[ManifestPhoto],
    manifest: Path,
    agent: Agent,
    choice: RunChoice,
    progress: Callable[[int, int], Progress] = Progress,
) -> dict[str, int]:
    """Locate the photos that are not in the folder yet, and return how many did what.

    Killed at any moment, the same call goes on where it was: no photo that was written whole is
    located again.

    Raises:
        RunError: the folder was begun with something else, or another process is at work there.
        JournalError: it cannot be written.
    """
    made_with = {"manifest": _manifest_identity(manifest, photos), **agent.described()}
    prices = choice.dollars_per_million
    made_with["dollars_per_million"] = None if prices is None else list(prices)
    with RunState(choice.out, made_with) as state:
        state.write_description(_surroundings(manifest), {"finished": False})
        truth = [photo.truth for photo in photos if photo.truth is not None]
        replace_rows(choice.out / run_folder.TRUTH, truth)
        done = state.done_ids(choice.retry_failed)
        missing = [photo for photo in photos if photo.id not in done]
        shown = progress(len(photos), len(photos) - len(missing))
        asyncio.run(_locate_missing(missing, agent, state, choice, shown))
        write_evidence(choice.out, agent.toolbox)
        counts = _counts_of(choice.out)
        state.write_description(_surroundings(manifest), {"finished": True, **counts})
    return counts


async def _locate_missing(
    photos: Sequence[ManifestPhoto],
    agent: Agent,
    state: RunState,
    choice: RunChoice,
    progress: Progress,
) -> None:
    try:
        async for located in locate_photos(photos, agent.toolbox, agent.options, agent.in_flight):
            await asyncio.to_thread(state.add, located, _row_of(located, choice))
            progress.add(failed=located.answer is None)
    finally:
        await agent.toolbox.aclose()


def _row_of(located: Located, choice: RunChoice) -> dict[str, Any]:
    if located.answer is None:
        return failure_row(located.photo.id, located.error or "failed without a word")
    return prediction_row(located.photo.id, located.answer, choice.dollars_per_million)


def _counts_of(folder: Path) -> dict[str, int]:
    rows = list(read_rows(folder / run_folder.PREDICTIONS))
    failed = sum("error" in row for row in rows)
    abstained = sum(bool(row.get("abstained")) for row in rows)
    return {
        "photos": len(rows),
        "claims": len(rows) - failed - abstained,
        "abstained": abstained,
        "failed": failed,
    }


def _manifest_identity(manifest: Path, photos: Sequence[ManifestPhoto]) -> dict[str, Any]:
    """Return the name of a manifest and the digest of what was read of it."""
    rows = [
        [photo.id, str(photo.path.relative_to(manifest.parent)), _plain(photo.truth)]
        for photo in photos
    ]
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    return {"name": manifest.name, "photos": len(photos), "sha256": digest}


def _plain(truth: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if truth is None else dict(truth)


def _surroundings(manifest: Path) -> dict[str, Any]:
    """Return what a reader may want to know and a run that goes on may find changed."""
    return {
        "manifest": str(manifest.absolute()),
        "python": platform.python_version(),
        "geoagent": package_version(),
    }
