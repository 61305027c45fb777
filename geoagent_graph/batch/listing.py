"""Which photos an input holds: a folder, a manifest or a tar file, on any file system."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.batch.file_systems import file_errors, find_at, is_url
from geoagent_graph.batch.listed_photo import ListedPhoto
from geoagent_graph.batch.manifest_listing import list_manifest
from geoagent_graph.batch.tar_listing import list_tar
from geoagent_graph.errors import InputError
from geoagent_graph.images.endings import PHOTO_ENDINGS
from geoagent_graph.images.file_uri import local_path
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    import fsspec

TAR: Final = ".tar"
TABLES: Final = (".parquet", ".csv", ".tsv", ".jsonl", ".ndjson")
_PACKED: Final = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")


@dataclass
class BatchInput:
    """An input that was looked at: its file system, its path there, and what it is.

    `may_grow` says that photos may come anywhere among the others; a manifest or a tar file only
    grows at its end. `skipped` counts what is no photo by its ending.
    """

    given: str
    location: str
    fs: "fsspec.AbstractFileSystem"
    path: str
    roots: tuple[str, ...] = ()
    may_grow: bool = False
    skipped: Counter[str] = field(default_factory=Counter)

    def list_photos(self) -> Iterator[ListedPhoto]:
        """Yield the photos in an order that is the same every time.

        Raises:
            InputError: a manifest cannot be read at all, or what is here is none of the three.
        """
        if self.may_grow:
            return self._list_folder()
        if self.path.lower().endswith(TAR):
            return list_tar(self.fs, self.path, self.given, self.location, self.skipped)
        if self.path.lower().endswith(TABLES):
            return list_manifest(self.fs, self.path, self.location, self.roots)
        packed = self.path.lower().endswith(_PACKED)
        raise InputError(
            f"{visible(self.given, 200)}: "
            + ("unpack it to a plain .tar first" if packed else "is no folder, tar or manifest")
            + f"; a manifest ends in {', '.join(TABLES)}"
        )

    def _list_folder(self) -> Iterator[ListedPhoto]:
        waiting = [self.path]
        while waiting:
            folder = waiting.pop()
            try:
                entries = self._entries_in(folder)
            except (PermissionError, FileNotFoundError, NotADirectoryError) as error:
                name = self._name_of(folder)
                yield ListedPhoto(name, name, problem=f"the folder may not be read ({error})")
                continue
            except OSError as error:
                shown = visible(self._name_of(folder), 200)
                raise InputError(f"{shown}: cannot be listed ({error})") from error
            inner = [entry for entry in entries if entry["type"] == "directory"]
            waiting += [e["name"] for e in reversed(inner) if self._is_below(e, folder)]
            for entry in entries:
                if self._is_file(entry):
                    yield from self._list_file(entry)
                elif entry.get("islink") or entry["type"] != "directory":
                    yield from self._list_other(entry)

    def _entries_in(self, folder: str) -> list[dict[str, Any]]:
        with file_errors(self.location):
            return sorted(self.fs.ls(folder, detail=True), key=lambda entry: str(entry["name"]))

    def _is_file(self, entry: dict[str, Any]) -> bool:
        """Return whether an entry is a file, or a link to one."""
        is_link = entry.get("islink") and self.fs.isfile(entry["name"])
        return entry["type"] == "file" or bool(is_link)

    def _is_below(self, entry: dict[str, Any], folder: str) -> bool:
        """Return whether a folder is one to go into: no link, and not its parent itself."""
        return not entry.get("islink") and entry["name"].rstrip("/") != folder.rstrip("/")

    def _list_file(self, entry: dict[str, Any]) -> Iterator[ListedPhoto]:
        path = str(entry["name"])
        ending = Path(path).suffix.lower()
        if ending in PHOTO_ENDINGS:
            yield ListedPhoto(self._name_of(path), self._address_of(path), size=entry.get("size"))
        elif ending == TAR:
            name = self._name_of(path)
            yield from list_tar(self.fs, path, name, self._address_of(path), self.skipped)
        else:
            self.skipped[ending or "no ending"] += 1

    def _list_other(self, entry: dict[str, Any]) -> Iterator[ListedPhoto]:
        """Yield what is called like a photo and is no file; count what else is none."""
        path = str(entry["name"])
        ending = Path(path).suffix.lower()
        if self.fs.isdir(path):
            self.skipped["link to a folder"] += 1
        elif ending in PHOTO_ENDINGS or ending == TAR:
            problem = "is a link to nothing" if entry.get("islink") else "is a pipe, no file"
            yield ListedPhoto(self._name_of(path), self._address_of(path), problem=problem)
        else:
            self.skipped[ending or "no ending"] += 1

    def _name_of(self, path: str) -> str:
        """Return what a file below the input is called: as the input was given, and the rest."""
        return f"{self.given.rstrip('/')}/{path[len(self.path) :].lstrip('/')}"

    def _address_of(self, path: str) -> str:
        return f"{self.location.rstrip('/')}/{path[len(self.path) :].lstrip('/')}"


def open_input(given: str, roots: Sequence[str] = ()) -> BatchInput:
    """Return an input as it is found; nothing is on a network unless its address says so.

    Args:
        given: a path, or a URL of a file system that `fsspec` knows.
        roots: further folders that the rows of a manifest may name photos in.

    Raises:
        InputError: there is nothing there, or its file system cannot be used.
    """
    location, shown = _absolute(given), visible(given, 200)
    try:
        fs, path = find_at(location)
        with file_errors(location):
            kind = fs.info(path)["type"]
    except FileNotFoundError as error:
        raise InputError(f"{shown}: there is nothing there; check the path") from error
    except (ImportError, ValueError, OSError) as error:
        raise InputError(f"{shown}: cannot be opened ({error})") from error
    if kind not in ("file", "directory"):
        raise InputError(f"{shown}: is a device, pipe or socket; name a folder or a file")
    places = tuple(_absolute(root) for root in roots)
    return BatchInput(given, location, fs, path.rstrip("/"), places, kind == "directory")


def _absolute(given: str) -> str:
    """Return a URL as it is, a path of this machine from its root and without `..`."""
    path = local_path(given)
    if is_url(path):
        return path
    whole = Path(path).absolute()
    return str(whole.resolve() if ".." in whole.parts else whole)
