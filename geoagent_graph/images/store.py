"""Photos by content: originals and decoded pixels, bounded in memory, optionally in a folder."""

import contextlib
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import PhotoError, StorageError
from geoagent_graph.images.claims import PhotoClaims
from geoagent_graph.images.decode import DecodedPhoto, decode_photo
from geoagent_graph.images.given import photo_source
from geoagent_graph.images.refused_photo import decode_or_tell_position
from geoagent_graph.images.sidecar import Sidecar, read_sidecar
from geoagent_graph.images.source import check_size, display_name, read_file
from geoagent_graph.protocols import OpenedPhoto
from geoagent_graph.regular_files import read_regular
from geoagent_graph.settings import Settings
from geoagent_graph.types import ImageRef
from geoagent_graph.whole_files import OWNER_ONLY, make_folders, remove_orphans, replace_file

if TYPE_CHECKING:
    from geoagent_graph.images.given import GivenPhoto

MAX_ORIGINALS_BYTES = 192 << 20  # originals kept in memory; the newest one always stays
MAX_PIXELS_BYTES = 96 << 20  # decoded photos kept in memory; the newest one always stays
_TEMPORARY = ".photo-"
_AGAIN = "Investigate the same photo again, and it is stored again."

_Value = TypeVar("_Value")


class PhotoStore:
    """Content-addressed photos, an `ImageStore`; safe to share between threads.

    Originals live in memory, least recently used out first, and in `folder` where one is given:
    there each photo is a file named by its SHA-256, readable by its owner alone.
    """

    def __init__(self, settings: Settings, folder: Path | None = None) -> None:
        self._settings = settings
        self._folder = folder
        self._claims = None if folder is None else PhotoClaims(folder)
        self._lock = threading.Lock()
        self._is_tidy = False
        self._originals: OrderedDict[str, bytes] = OrderedDict()
        self._decoded: OrderedDict[str, DecodedPhoto] = OrderedDict()

    def open(
        self, source: "GivenPhoto", name: str | None = None, *, claim: bool = False
    ) -> OpenedPhoto:
        """Read, check and decode a photo, keep it, and return its reference.

        `name` is what people read; a file's own name where it is None. Beside the paths and bytes
        of an `ImageStore` it takes whatever `photo_source` knows. The XMP file beside a photo on
        the disk is kept with it. With `claim` it stays in the folder until `release`, whoever
        deletes a case that has it too.

        Raises:
            PhotoError: missing, unreadable, too large, damaged, or not a photo.
            StorageError: the store's folder cannot be written.
        """
        settings = self._settings
        given = photo_source(source, settings.max_bytes)
        source, name = given.source, name or given.name
        if isinstance(source, bytes):
            shown, data = name or "photo", source
            check_size(data, shown, settings.max_bytes)
            beside = Sidecar()
        else:
            shown, data = name or str(source), read_file(source, settings.max_bytes)
            beside = read_sidecar(source)
        decoded = decode_or_tell_position(data, shown, settings, beside.data)
        sidecar = None if beside.data is None else self._keep_original(beside.data, claim)
        key = self._keep_original(data, claim)
        with self._lock:
            _keep_newest(self._decoded, key, decoded)
            self._trim_memory()
        image = ImageRef(
            sha256=key,
            width=decoded.width,
            height=decoded.height,
            name=display_name(name or (shown if isinstance(source, bytes) else source.name)),
            format=decoded.format,
            sidecar=sidecar,
        )
        return OpenedPhoto(image, decoded.warnings + beside.warnings)

    def empty_copy(self) -> "PhotoStore":
        """Return a store of the same settings and folder that holds nothing in memory."""
        return PhotoStore(self._settings, self._folder)

    def _keep_original(self, data: bytes, claim: bool) -> str:
        """Keep the bytes of a file, and return its digest."""
        key = _key_of(data)
        if self._folder is not None:
            self._remove_orphans_once(self._folder)
            with _name_write_errors(self._folder):
                if claim and self._claims is not None:
                    self._claims.claim(key)
                _write_photo(self._folder, key, data)
        with self._lock:
            _keep_newest(self._originals, key, data)
        return key

    def _remove_orphans_once(self, folder: Path) -> None:
        with self._lock:
            is_first, self._is_tidy = not self._is_tidy, True
        if is_first:
            remove_orphans(folder, f"*/{_TEMPORARY}*")

    def pixels(self, image: ImageRef, max_side: int | None = None) -> NDArray[np.uint8]:
        """Return the upright photo as RGB, shape [height, width, 3], at most `max_side` long.

        The array is read-only; it may be shared. A photo of more than `max_pixels` is had at a part
        of its size at most.

        Raises:
            PhotoError: the photo is no longer held.
        """
        wanted = min(max_side or max(image.width, image.height), max(image.width, image.height))
        with self._lock:
            decoded = self._decoded.get(image.sha256)
            if decoded is not None:
                self._decoded.move_to_end(image.sha256)
        if decoded is None or max(decoded.pixels.shape[:2]) < min(wanted, decoded.largest):
            at_least = max(wanted, self._settings.ocr_max_side)
            decoded = decode_photo(self.original(image), image.name, self._settings, at_least)
            if decoded.pixels.nbytes <= MAX_PIXELS_BYTES:
                with self._lock:
                    _keep_newest(self._decoded, image.sha256, decoded)
                    self._trim_memory()
        return shrink(decoded.pixels, wanted)

    def original(self, image: ImageRef) -> bytes:
        """Return the bytes of the file as it came in.

        Raises:
            PhotoError: the photo is not held, or its file in the folder has changed.
        """
        with self._lock:
            data = self._originals.get(image.sha256)
            if data is not None:
                self._originals.move_to_end(image.sha256)
                return data
        if self._folder is not None:
            return _read_photo(self._folder, image, self._settings.max_bytes)
        raise PhotoError(f"{image.name}: no longer in memory. Open the photo again.")

    def release(self, image: ImageRef) -> None:
        """Give up the claim on a photo: a case that is stored names it now."""
        if self._claims is not None:
            for digest in filter(None, (image.sha256, image.sidecar)):
                self._claims.release(digest)

    def read_claims(self) -> set[str]:
        """Return the digests of photos in the folder that were opened for a case not yet begun.

        Raises:
            OSError: the folder cannot be read.
        """
        return set() if self._claims is None else self._claims.read_claims()

    def remove(self, digest: str) -> None:
        """Forget a photo, and delete its file; nothing happens where it is not held.

        Raises:
            OSError: the file cannot be deleted.
        """
        with self._lock:
            self._originals.pop(digest, None)
            self._decoded.pop(digest, None)
        if self._folder is not None:
            _photo_path(self._folder, digest).unlink(missing_ok=True)

    def _trim_memory(self) -> None:
        sizes = [len(data) for data in self._originals.values()]
        while len(sizes) > 1 and sum(sizes) > MAX_ORIGINALS_BYTES:
            self._originals.popitem(last=False)
            sizes.pop(0)
        sizes = [decoded.pixels.nbytes for decoded in self._decoded.values()]
        while len(sizes) > 1 and sum(sizes) > MAX_PIXELS_BYTES:
            self._decoded.popitem(last=False)
            sizes.pop(0)


def shrink(pixels: NDArray[np.uint8], max_side: int) -> NDArray[np.uint8]:
    """Return an RGB photo at most `max_side` long; itself when it is short enough."""
    from PIL import Image

    height, width = pixels.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1.0:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return np.asarray(small)


def _keep_newest(held: "OrderedDict[str, _Value]", key: str, value: _Value) -> None:
    held[key] = value
    held.move_to_end(key)


def _photo_path(folder: Path, key: str) -> Path:
    digest = key.removeprefix("sha256:")
    return folder / digest[:2] / digest


def _write_photo(folder: Path, key: str, data: bytes) -> None:
    """Keep a photo, durable when this returns; a damaged copy of it is replaced."""
    path = _photo_path(folder, key)
    if not _holds(path, key, len(data)):
        make_folders(path.parent, mode=0o700)
        replace_file(path, [data], _TEMPORARY, OWNER_ONLY)


@contextlib.contextmanager
def _name_write_errors(folder: Path) -> Iterator[None]:
    """Raise `StorageError` where a photo cannot be written."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{display_name(str(folder))}: photos cannot be stored there ({error.strerror}). "
            "Free some space or choose another folder."
        ) from error


def _holds(path: Path, key: str, size_bytes: int) -> bool:
    """Return whether a photo is there, to the last bit."""
    try:
        kept = read_regular(path, size_bytes)
    except OSError:
        return False
    return key == _key_of(kept)


def _key_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _read_photo(folder: Path, image: ImageRef, max_bytes: int) -> bytes:
    path = _photo_path(folder, image.sha256)
    if not path.exists():  # its path is nothing that clients of a server should read
        raise PhotoError(f"{image.name}: the stored copy is gone. {_AGAIN}")
    data = read_file(path, max_bytes)
    if _key_of(data) != image.sha256:
        raise PhotoError(f"{image.name}: the stored copy has changed. {_AGAIN}")
    return data
