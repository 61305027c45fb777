"""The photos of an index that a data set is compared with: a folder, or a list with labels."""

from pathlib import Path

from geoagent_evaluation.datasets.examination import examine_file
from geoagent_evaluation.datasets.our_lines import DATASET
from geoagent_evaluation.datasets.picture_check import Reference
from geoagent_evaluation.datasets.picture_files import find_pictures, pictures_below
from geoagent_evaluation.errors import DatasetError


def read_references(path: Path) -> list[Reference]:
    """Return the photos of a folder, or of a `metadata.jsonl` whose pictures lie beside it.

    Raises:
        DatasetError: it is neither, or names no picture that is there.
    """
    if path.is_dir() and not (path / "metadata.jsonl").is_file():
        references = [Reference(file) for file in pictures_below(path)]
    else:
        references = _labelled(path / "metadata.jsonl" if path.is_dir() else path)
    if not references:
        raise DatasetError(f"{path}: has no pictures to compare with")
    return references


def _labelled(path: Path) -> list[Reference]:
    found = examine_file(DATASET, path)
    photos = [*found.photos, *found.unplaced]
    files = find_pictures(photos, path.parent)
    return [
        Reference(files[photo.id], photo.lat_deg, photo.lon_deg)
        for photo in photos
        if photo.id in files
    ]
