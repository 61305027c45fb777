"""Where the pictures of a data set lie in a folder, whatever folders and prefixes a copy has."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from geoagent_evaluation.datasets.photo_name import PICTURE_SUFFIXES, without_picture_suffix
from geoagent_evaluation.datasets.photo_row import PhotoRow
from geoagent_evaluation.errors import DatasetError

MAX_FILES: Final = 2_000_000


def find_pictures(photos: Sequence[PhotoRow], folder: Path) -> dict[str, Path]:
    """Return the file of each photo by its id; photos without one are left out.

    A file is found where its row says, else by its name anywhere below the folder, else as the only
    name that ends with `_` and the id (`Rome_00024_231521295_...jpg`). Links that lead out of the
    folder are not followed.

    Raises:
        DatasetError: there is no such folder, or it has too many files.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder}: is no folder of pictures")
    by_name = _files_by_name(folder)
    by_end = _files_by_end(by_name)
    found: dict[str, Path] = {}
    for photo in photos:
        stated = folder / photo.file
        name = without_picture_suffix(photo.file.rsplit("/", 1)[-1])
        path = stated if stated.is_file() else by_name.get(name) or _only(by_end, photo.id)
        if path is not None and path.resolve().is_relative_to(folder.resolve()):
            found[photo.id] = path
    return found


def pictures_below(folder: Path) -> list[Path]:
    """Return the picture files below a folder, in the order of their paths."""
    return sorted(_files_by_name(folder).values())


def _files_by_name(folder: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for where, _, names in os.walk(folder):
        for name in names:
            if Path(name).suffix.lower() in PICTURE_SUFFIXES:
                files.setdefault(without_picture_suffix(name), Path(where) / name)
        if len(files) > MAX_FILES:
            raise DatasetError(f"{folder}: has more than {MAX_FILES} pictures")
    return files


def _files_by_end(by_name: dict[str, Path]) -> dict[str, list[Path]]:
    """Return files by each ending of their names that begins after an underscore."""
    ends: dict[str, list[Path]] = {}
    for name, path in by_name.items():
        at = name.find("_")
        while at >= 0:
            ends.setdefault(name[at + 1 :], []).append(path)
            at = name.find("_", at + 1)
    return ends


def _only(by_end: dict[str, list[Path]], name: str) -> Path | None:
    paths = by_end.get(name, [])
    return paths[0] if len(paths) == 1 else None
