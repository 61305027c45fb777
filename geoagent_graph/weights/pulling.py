"""Pulls a row: plans, compares with the pins, fetches, checks, and only then gives files names.

A file is complete under its name or not there. What has arrived of a file that was broken off
stays in the staging folder, and the next pull goes on behind it.
"""

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from geoagent_graph.errors import InputError, StorageError, WeightsError
from geoagent_graph.regular_files import open_regular
from geoagent_graph.weights.entry import Entry, HubSource, WebSource
from geoagent_graph.weights.file_formats import check_file
from geoagent_graph.weights.folder import FolderSupplier
from geoagent_graph.weights.hub import HubSupplier
from geoagent_graph.weights.lock_file import Pin, PinnedFile
from geoagent_graph.weights.store import WeightStore, change_words, digest_of, is_as_catalogued
from geoagent_graph.weights.supplier import Plan, PlannedFile, Supplier
from geoagent_graph.weights.web import Progress, WebSupplier
from geoagent_graph.weights.wheel import WheelSupplier
from geoagent_graph.whole_files import make_folders, sync_folder

SPARE_BYTES: Final = 64_000_000  # of the disk, left to others (set by hand)
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull did: brought the row, or found it there."""

    outcome: Literal["pulled", "already there"]
    folder: Path
    size_bytes: int


def open_supplier(
    entry: Entry, folder: Path | None, *, offline: bool, progress: Progress | None = None
) -> Supplier:
    """Return what brings the files of a row: the folder that was given, else its own source.

    Raises:
        InputError: this machine lacks what the source needs, or there is no such folder.
    """
    source = entry.source
    if folder is not None:
        if not folder.is_dir():
            raise InputError(f"--from {folder}: no such folder")
        return FolderSupplier(entry, folder)
    if isinstance(source, HubSource):
        return HubSupplier(entry.name, source)
    if isinstance(source, WebSource):
        return WebSupplier(entry.name, source, offline=offline, progress=progress)
    return WheelSupplier(entry.name, source, offline=offline)


def pull(
    entry: Entry,
    store: WeightStore,
    supplier: Supplier,
    *,
    accept_licence: bool = False,
    note: Note = lambda _words: None,
) -> Pulled:
    """Bring a row to this machine, unless it is there; one process at a time.

    Args:
        entry: what is brought.
        store: where to.
        supplier: where from.
        accept_licence: the user accepts a licence that forbids commercial use.
        note: told in one line what is about to happen.

    Raises:
        InputError: the licence is not accepted.
        WeightsError: it cannot be fetched, or is not what was pinned.
        StorageError: it cannot be stored; a full disk says how much room is wanted.
    """
    try:
        with store.hold(entry.name, lambda: note(f"{entry.name}: another process pulls it")):
            return _Pull(entry, store, supplier, note).run(accept_licence)
    except OSError as error:
        if error.errno in _FULL:
            raise StorageError(
                f"{store.folder}: the disk is full; make room and pull {entry.name} again, which "
                "goes on with what has arrived"
            ) from error
        raise StorageError(
            f"{error.filename or store.folder}: {error.strerror or error}"
        ) from error


class _Pull:
    """One pull of one row."""

    def __init__(self, entry: Entry, store: WeightStore, supplier: Supplier, note: Note) -> None:
        self._entry = entry
        self._store = store
        self._supplier = supplier
        self._note = note
        self._pin = store.pin(entry.name) or Pin(repository=entry.source.repository)

    def run(self, accept_licence: bool) -> Pulled:
        self._require_licence(accept_licence)
        if not is_as_catalogued(self._entry, self._pin):
            raise WeightsError(change_words(self._entry.name))
        folder = self._store.folder_of(self._entry.name)
        if self._store.state(self._entry) == "there":
            return Pulled("already there", folder, self._pin.size_bytes)
        plan = self._supplier.plan(self._entry, self._pin.revision)
        wanted = [self._with_pins(file) for file in plan.files]
        missing = [file for file in wanted if not self._is_there(file)]
        self._require_room(missing)
        self._note(_plan_words(self._entry, plan))
        self._keep(revision=plan.revision, accepted_licence=self._entry.licence.id, complete=False)
        for file in missing:
            self._bring(plan, file)
        kept = {file.path for file in wanted}
        self._keep(
            files={path: pin for path, pin in self._pin.files.items() if path in kept},
            complete=True,
        )
        shutil.rmtree(self._store.arrivals_of(self._entry.name), ignore_errors=True)
        return Pulled("pulled", folder, self._pin.size_bytes)

    def _require_licence(self, accepted: bool) -> None:
        licence = self._entry.licence
        if licence.commercial or accepted or self._pin.accepted_licence == licence.id:
            return
        raise InputError(
            f"{self._entry.name}: its licence {licence.id} forbids commercial use "
            f"({licence.read_in}); --accept-licence accepts it"
        )

    def _keep(self, **changes: object) -> None:
        self._pin = self._pin.model_copy(update=changes)
        self._store.write_pin(self._entry.name, self._pin)

    def _with_pins(self, file: PlannedFile) -> PlannedFile:
        """Return the file with the digest and size that the catalogue or an earlier pull pins."""
        known = {f.path: f for f in self._entry.files}.get(file.path)
        earlier = self._pin.files.get(file.path)
        digests = [d.sha256 for d in (known, earlier, file) if d is not None and d.sha256]
        sizes = [d.size_bytes for d in (known, earlier, file) if d is not None and d.size_bytes]
        if len(set(digests)) > 1 or len(set(sizes)) > 1:
            raise WeightsError(
                f"{self._entry.name}: {file.path} is not the file that was pinned "
                f"({digests[0][:12] if digests else sizes[0]}); nothing was fetched"
            )
        return PlannedFile(
            file.path,
            sizes[0] if sizes else None,
            digests[0] if digests else None,
            file.url,
        )

    def _is_there(self, file: PlannedFile) -> bool:
        """Return whether a file that was checked before is still as it was."""
        pinned = self._pin.files.get(file.path)
        path = self._store.folder_of(self._entry.name) / file.path
        if pinned is None or not path.is_file() or path.stat().st_size != pinned.size_bytes:
            return False
        return digest_of(path) == pinned.sha256

    def _require_room(self, missing: list[PlannedFile]) -> None:
        wanted = sum((file.size_bytes or 0) - self._part_bytes(file) for file in missing)
        home = next(p for p in (self._store.folder, *self._store.folder.parents) if p.exists())
        free = shutil.disk_usage(home).free
        if wanted + SPARE_BYTES > free:
            raise StorageError(
                f"{self._store.folder}: {self._entry.name} needs {wanted / 1e9:.2f} GB and "
                f"{free / 1e9:.2f} GB are free; make room, or set GEOAGENT_WEIGHTS_DIR"
            )

    def _part(self, file: PlannedFile) -> Path:
        return self._store.arrivals_of(self._entry.name) / f"{file.path}.part"

    def _part_bytes(self, file: PlannedFile) -> int:
        part = self._part(file)
        return part.stat().st_size if part.is_file() else 0

    def _bring(self, plan: Plan, file: PlannedFile) -> None:
        """Fetch one file, check it, and give it its name."""
        part = self._part(file)
        part.parent.mkdir(parents=True, exist_ok=True)
        if file.size_bytes is not None and self._part_bytes(file) > file.size_bytes:
            part.unlink()
        if file.size_bytes is None or self._part_bytes(file) < file.size_bytes:
            self._supplier.fetch(plan, file, part)
        # Checked under its own ending, in the staging folder still.
        arrived = part.with_suffix("")
        part.replace(arrived)
        pinned = self._check(file, arrived)
        with open_regular(arrived, mode="r+b") as written:
            os.fsync(written.fileno())
        path = self._store.folder_of(self._entry.name) / file.path
        make_folders(path.parent)
        self._keep(files={**self._pin.files, file.path: pinned})
        arrived.replace(path)
        sync_folder(path.parent)

    def _check(self, file: PlannedFile, arrived: Path) -> PinnedFile:
        """Return what the file is; one that is not what it should be is deleted."""
        size = arrived.stat().st_size
        if file.size_bytes is not None and size < file.size_bytes:
            arrived.replace(self._part(file))
            raise WeightsError(
                f"{self._entry.name}: {file.path} arrived short, {size} of {file.size_bytes} "
                "bytes; pull again to go on"
            )
        found = digest_of(arrived)
        try:
            _require_digest(found, file.sha256)
            check_file(arrived)
        except ValueError as error:
            arrived.unlink()
            raise WeightsError(
                f"{self._entry.name}: {file.path} is refused: {error}; nothing of it was kept"
            ) from error
        return PinnedFile(sha256=found, size_bytes=size)


def _require_digest(found: str, pinned: str | None) -> None:
    if pinned is not None and found != pinned:
        raise ValueError(f"it has digest {found} where {pinned} is pinned")


def _plan_words(entry: Entry, plan: Plan) -> str:
    size = f"{plan.size_bytes / 1e9:.2f} GB" if plan.size_bytes else "of unknown size"
    at = f" at {plan.revision[:12]}" if plan.revision else ""
    return (
        f"{entry.name}: {len(plan.files)} files, {size}, from {plan.repository}{at}, "
        f"licence {entry.licence.id}"
    )
