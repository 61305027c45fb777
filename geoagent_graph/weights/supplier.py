"""What brings the files of a row: which there are, then one after the other."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from geoagent_graph.weights.entry import Entry


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that will be brought; what the source does not say is None."""

    path: str
    size_bytes: int | None = None
    sha256: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The files of a row, all of one revision; None where the source has none."""

    repository: str
    revision: str | None
    files: tuple[PlannedFile, ...]

    @property
    def size_bytes(self) -> int | None:
        """The bytes of all files; None where one is not known."""
        sizes = [file.size_bytes for file in self.files]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None


class Supplier(Protocol):
    """A source of files."""

    def plan(self, entry: Entry, revision: str | None) -> Plan:
        """Return what would be brought, at the revision that was pinned before, if one was.

        Raises:
            WeightsError: the source cannot be reached, or lacks the revision or a file.
            InputError: this machine lacks what the source needs.
        """

    def fetch(self, plan: Plan, file: PlannedFile, part: Path) -> None:
        """Write a file; goes on behind what is in `part` already.

        Raises:
            WeightsError: it cannot be brought.
            OSError: it cannot be written.
        """
