"""Marks of the runs that a server has begun and not ended, so that its next start goes on."""

import contextlib
import logging
import re
from pathlib import Path
from typing import Final

from geoagent_graph.cases.names import NAME_PATTERN

MAX_MARKS: Final = 10_000
_JOINT: Final = "."  # in no name of a case or a branch
_NAME: Final = re.compile(NAME_PATTERN, re.ASCII)
_log = logging.getLogger(__name__)


class RunMarks:
    """One empty file per run that goes on; what cannot be written costs the mark alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, branch: str) -> None:
        """Mark a run as begun."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._path(name, branch).touch(mode=0o600)
        except OSError as error:
            _log.warning("%s/%s: not marked as begun: %s", name, branch, error.strerror)

    def remove(self, name: str, branch: str) -> None:
        """Mark a run as ended."""
        with contextlib.suppress(OSError):
            self._path(name, branch).unlink(missing_ok=True)

    def found(self) -> list[tuple[str, str]]:
        """Return the runs that were begun and not ended, by case and branch."""
        try:
            names = sorted(path.name for path in self._folder.iterdir())[:MAX_MARKS]
        except OSError:
            return []
        pairs = [name.split(_JOINT) for name in names]
        return [
            (pair[0], pair[1])
            for pair in pairs
            if len(pair) == 2 and all(_NAME.fullmatch(part) for part in pair)
        ]

    def _path(self, name: str, branch: str) -> Path:
        return self._folder / f"{name}{_JOINT}{branch}"
