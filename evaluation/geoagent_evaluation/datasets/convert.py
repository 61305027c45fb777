"""A data set written as our two files: the truth, and the manifest of its pictures."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoagent_evaluation.datasets.photo_row import PhotoRow
from geoagent_evaluation.datasets.picture_check import Mark
from geoagent_evaluation.datasets.truth_file import truth_row, write_lines


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is written where: photos with coordinates, marks on their pictures, files by id."""

    photos: Sequence[PhotoRow]
    marks: Sequence[Mark]
    files: Mapping[str, Path]
    truth: Path
    manifest: Path


def convert_dataset(conversion: Conversion) -> None:
    """Write `truth.jsonl` and `manifest.jsonl`.

    A photo's row of truth says `placeholder` or `duplicate_of` where its picture was found to be
    one. Files in the manifest are given from its folder; as the data set names them where its
    pictures were not looked for.
    """
    marks = {mark.id: mark.truth_fields for mark in conversion.marks}
    write_lines(
        conversion.truth,
        (truth_row(photo, marks.get(photo.id)) for photo in conversion.photos),
    )
    write_lines(conversion.manifest, _manifest_rows(conversion))


def _manifest_rows(conversion: Conversion) -> Iterator[dict[str, Any]]:
    folder = conversion.manifest.parent.resolve()
    for photo in conversion.photos:
        path = conversion.files.get(photo.id)
        file = photo.file if path is None else os.path.relpath(path.resolve(), folder)
        yield {"id": photo.id, "file": Path(file).as_posix()}
