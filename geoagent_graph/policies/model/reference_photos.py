"""Reference photos as the model sees them: found by id through the manifest of their index."""

import hashlib
import threading
from pathlib import Path

from geoagent_graph.errors import InputError
from geoagent_graph.policies.model.chat import Picture
from geoagent_graph.policies.model.photos import PhotoPrinter
from geoagent_graph.protocols import ImageStore, Photo
from geoagent_graph.regular_files import open_regular
from geoagent_graph.retrieval.manifest_rows import ManifestRow, RowProblem, read_manifest_rows
from geoagent_graph.types import Reference

_ID_LENGTH = 16  # hex digits of a photo's SHA-256, as the index names photos without an id


class ReferencePhotos:
    """The files of reference photos by id.

    Rows that the index skipped are skipped here too. Photos whose row has no `id` are known by
    their digest; their files are read for that once, when the first picture is wanted.

    Raises:
        InputError: the manifest is missing, unreadable, or has no row that can be used.
    """

    def __init__(self, manifest: Path, images: ImageStore, max_pixels: int) -> None:
        self._images = images
        self._printer = PhotoPrinter(max_pixels)
        read = list(read_manifest_rows(manifest))
        rows = [row for row in read if isinstance(row, ManifestRow)]
        if not rows:
            problems = [row.problem for row in read if isinstance(row, RowProblem)]
            raise InputError(f"{manifest}: no photo in it: {next(iter(problems), 'it is empty')}")
        self._files = {row.id: row.path for row in rows if row.id is not None}
        self._unnamed = [row.path for row in rows if row.id is None]
        self._lock = threading.Lock()

    def picture(self, reference: Reference) -> Picture | None:
        """Return a reference photo; None where its file is gone or is no photo."""
        file = self._file_of(reference.id)
        if file is None:
            return None
        try:
            return self._printer.picture(Photo(self._images.open(file).image, self._images))
        except InputError:
            return None

    def _file_of(self, photo_id: str) -> Path | None:
        with self._lock:
            while self._unnamed:
                path = self._unnamed.pop()
                digest = _file_digest(path)
                if digest is not None:
                    self._files.setdefault(f"sha256:{digest[:_ID_LENGTH]}", path)
        return self._files.get(photo_id)


def _file_digest(path: Path) -> str | None:
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
