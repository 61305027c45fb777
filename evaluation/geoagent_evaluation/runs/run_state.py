"""What a run has written, and whether it may go on."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from geoagent_evaluation.contract import run_folder
from geoagent_evaluation.errors import EvaluationError
from geoagent_evaluation.runs.journal import append_row, read_rows, replace_file, replace_rows
from geoagent_evaluation.runs.locate_photos import Located
from geoagent_evaluation.runs.trace_file import trace_of
from geoagent_graph.state import dump

RUN_SCHEMA = "geoagent-run/1"
_NOT_COMPARED = frozenset({"schema", "versions", "result"})


class RunError(EvaluationError):
    """A run that cannot begin or go on."""


class RunState:
    """The folder of a run while it is at work; used as a context manager, which holds its lock.

    A photo is written whole when its line in `predictions.jsonl` is; its trace and what was
    observed in it are on the disk before.

    Args:
        folder: made where it is missing.
        made_with: what the predictions depend on, as plain JSON: manifest, options, tools.
    """

    def __init__(self, folder: Path, made_with: Mapping[str, Any]) -> None:
        self.folder = folder
        self.made_with = dict(made_with)
        self.predictions = folder / run_folder.PREDICTIONS
        self.observations = folder / run_folder.OBSERVATIONS
        self._lock = FileLock(folder / ".lock")

    def __enter__(self) -> Self:
        """Take the folder, and leave in it only what was written whole.

        Raises:
            RunError: another process is at work there, or it was begun with something else.
            JournalError: it cannot be written, or its files are no run's.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise RunError(f"{self.folder}: another run is at work there; wait for it") from error
        except OSError as error:
            raise RunError(f"{self.folder}: cannot be written ({error.strerror})") from error
        try:
            self._require_same_run()
            self._drop_torn_rows()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def done_ids(self, retry_failed: bool = False) -> set[str]:
        """Return the ids of the photos that were written whole.

        Args:
            retry_failed: take photos that failed out of the file, so that they are located again.
        """
        rows = list(read_rows(self.predictions))
        kept = [row for row in rows if not (retry_failed and "error" in row)]
        if len(kept) < len(rows):
            replace_rows(self.predictions, kept)
        return {row["id"] for row in kept}

    def add(self, located: Located, row: Mapping[str, Any]) -> None:
        """Write one photo: its trace and what was seen in it, then its row."""
        if located.answer is not None:
            trace = json.dumps(trace_of(located.photo.id, located.answer), ensure_ascii=False)
            replace_file(run_folder.trace_file(self.folder, located.photo.id), [trace, "\n"])
            append_row(self.observations, _observation_row(located))
        append_row(self.predictions, row)

    def write_description(self, versions: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        """Write `run.json`: with what the run was made, and what came of it so far."""
        description = {
            "schema": RUN_SCHEMA,
            **self.made_with,
            "versions": dict(versions),
            "result": dict(result),
        }
        text = json.dumps(description, ensure_ascii=False, indent=1) + "\n"
        replace_file(self.folder / run_folder.RUN, [text])

    def _require_same_run(self) -> None:
        file = self.folder / run_folder.RUN
        if not file.exists():
            if self.predictions.exists():
                raise RunError(
                    f"{self.folder}: has predictions that no run wrote; take another --out"
                )
            return
        before = read_description(self.folder)
        changed = [
            key
            for key in sorted((before.keys() | self.made_with.keys()) - _NOT_COMPARED)
            if before.get(key) != self.made_with.get(key)
        ]
        if changed:
            key = changed[0]
            raise RunError(
                f"{self.folder}: was begun with different {key.replace('_', ' ')} "
                f"({_short(before.get(key))}, now {_short(self.made_with.get(key))}); "
                "take another --out, or what it was begun with"
            )

    def _drop_torn_rows(self) -> None:
        """Keep the whole rows of predictions, each photo once, and the observations of those."""
        rows = {row["id"]: row for row in read_rows(self.predictions)}
        seen = {row["id"]: row for row in read_rows(self.observations) if row["id"] in rows}
        for file, kept in ((self.predictions, rows), (self.observations, seen)):
            if file.exists():
                replace_rows(file, kept.values())


def read_description(folder: Path) -> dict[str, Any]:
    """Return the `run.json` of a folder.

    Raises:
        RunError: there is none, or it is no description of a run.
    """
    file = folder / run_folder.RUN
    try:
        found = json.loads(file.read_bytes())
    except OSError as error:
        raise RunError(f"{file}: cannot be read ({error.strerror}); name a run's folder") from error
    except (ValueError, RecursionError) as error:
        raise RunError(f"{file}: is no JSON; take another --out") from error
    if not isinstance(found, dict) or found.get("schema") != RUN_SCHEMA:
        raise RunError(f"{file}: describes no run of this version; take another --out")
    return found


def _observation_row(located: Located) -> dict[str, Any]:
    clues = located.answer.clues if located.answer is not None else ()
    return {
        "id": located.photo.id,
        "clues": [dump(clue) for clue in clues],
        "references": [dump(reference) for reference in located.references],
    }


def _short(value: object, most: int = 80) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= most else text[:most] + "…"
