"""What people name as photos: files, folders, quoted patterns, ZIP files; and what was left out."""

import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.images.endings import PHOTO_ENDINGS
from geoagent_graph.images.file_uri import local_path
from geoagent_graph.kept_answers import photos_in
from geoagent_graph.regular_files import open_regular
from geoagent_graph.safe_text import visible

MAX_MEMBERS: Final = 100_000
MAX_UNPACKED_BYTES: Final = 20_000_000_000
_PATTERN: Final = frozenset("*?[")
_CHUNK_BYTES: Final = 1 << 20


@dataclass
class GivenPhotos:
    """The photos that were named, what each is called, and the endings of what was left out."""

    paths: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def add(self, path: str, label: str | None = None) -> None:
        """Take one photo, called by its path where it has no other label."""
        self.paths.append(path)
        self.labels.append(path if label is None else label)

    def skip(self, name: str) -> None:
        """Count what is no photo by its ending."""
        self.skipped[PurePosixPath(name).suffix.lower() or "no ending"] += 1

    def note(self) -> str | None:
        """Return what was left out in a sentence, None where it is nothing."""
        return describe_skipped(self.skipped) if self.skipped else None


def describe_skipped(skipped: Counter[str]) -> str:
    """Return how many files were left out, by their endings."""
    counts = ", ".join(f"{visible(kind, 20)}: {n}" for kind, n in skipped.most_common(8))
    total = skipped.total()
    files = "1 file that is no photo" if total == 1 else f"{total} files that are no photos"
    return f"left out {files} ({counts})"


@contextmanager
def find_photos(arguments: Sequence[str], max_bytes: int) -> Iterator[GivenPhotos]:
    """Yield the photos of all arguments, in order; those of ZIP files lie in a folder till the end.

    A folder or a pattern without photos stays as it is: it is one bad photo among others.

    Raises:
        PhotoError: a ZIP file is damaged, encrypted, or holds too much.
    """
    given = GivenPhotos()
    with ExitStack() as cleanup:
        for name in arguments:
            path = Path(local_path(name))
            if path.is_dir():
                _add_folder(given, name, path)
            elif path.suffix.lower() == ".zip" and path.is_file():
                folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="geoagent-zip-"))
                _add_zip(given, name, path, Path(folder), max_bytes)
            elif _PATTERN & set(name) and not path.exists():
                _add_pattern(given, name)
            else:
                given.add(name)
        yield given


def _add_folder(given: GivenPhotos, name: str, folder: Path) -> None:
    try:
        photos = photos_in(folder)
    except InputError:  # no photos in it
        given.add(name)
        return
    for photo in photos:
        given.add(str(photo))
    taken = set(photos)
    for path in folder.rglob("*"):
        if path not in taken and path.is_file() and not path.name.startswith("."):
            given.skip(path.name)


def _add_pattern(given: GivenPhotos, pattern: str) -> None:
    found = _files_like(pattern)
    photos = [path for path in found if path.lower().endswith(PHOTO_ENDINGS)]
    for path in photos:
        given.add(path)
    for path in set(found) - set(photos) if photos else ():
        given.skip(path)
    if not photos:
        given.add(pattern)


def _files_like(pattern: str) -> list[str]:
    anchor = Path(pattern).anchor or "."
    try:
        found = Path(anchor).glob(str(Path(pattern).relative_to(Path(pattern).anchor)))
        return sorted(str(path) for path in found if path.is_file())
    except (ValueError, NotImplementedError):  # no pattern that files can be found by
        return []


def _add_zip(given: GivenPhotos, name: str, archive: Path, folder: Path, max_bytes: int) -> None:
    """Unpack the photos of a ZIP file under names of our own: those inside it are not trusted."""
    room, before = MAX_UNPACKED_BYTES, len(given.paths)
    try:
        with open_regular(archive) as file, zipfile.ZipFile(file) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            if len(members) > MAX_MEMBERS:
                raise PhotoError(f"{name}: holds more than {MAX_MEMBERS:,} files; send it in parts")
            for number, member in enumerate(sorted(members, key=lambda found: found.filename)):
                suffix = PurePosixPath(member.filename).suffix.lower()
                if suffix not in PHOTO_ENDINGS or "__MACOSX/" in member.filename:
                    given.skip(member.filename)
                    continue
                target = folder / f"{number}{suffix}"
                room -= _unpack(opened, member, target, max_bytes)
                if room < 0:
                    raise PhotoError(
                        f"{name}: its photos hold more than {MAX_UNPACKED_BYTES:,} bytes; "
                        "send it in parts"
                    )
                given.add(str(target), f"{name}/{member.filename}")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise PhotoError(
            f"{name}: is damaged or encrypted ({error}); unpack it yourself"
        ) from error
    if before == len(given.paths):
        raise PhotoError(f"{name}: no photos in it ({', '.join(PHOTO_ENDINGS)})")


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, max_bytes: int) -> int:
    """Write one file of an archive and return its length in bytes.

    One that is too large is cut, and refused as a photo later.
    """
    left = max_bytes + 1
    with archive.open(member) as packed, target.open("wb") as file:
        while left > 0 and (chunk := packed.read(min(_CHUNK_BYTES, left))):
            file.write(chunk)
            left -= len(chunk)
    return max_bytes + 1 - left
