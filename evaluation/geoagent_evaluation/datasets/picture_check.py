"""The pictures of a data set examined: missing, placeholders, copies, and labels that disagree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from geoagent_evaluation.datasets.near_copies import (
    find_in_references,
    find_near_copies,
    signatures,
)
from geoagent_evaluation.datasets.photo_row import PhotoRow
from geoagent_evaluation.datasets.picture_facts import (
    PictureFacts,
    UnreadablePicture,
    measure_picture,
)
from geoagent_evaluation.metrics.sphere import distance_km

MIN_PLACEHOLDER_COPIES: Final = 3
# The same picture at points this far apart: one label is wrong. Set by hand: beyond what two people
# who mark one landmark differ by.
MAX_SAME_PLACE_KM: Final = 25.0

Kind = Literal["missing", "unreadable", "placeholder", "identical", "near copy", "in references"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is wrong with a photo's picture; a row of `duplicates.jsonl`.

    `duplicate_of` is an id of the set, or the file of a reference. `distance_km` is between the two
    labels; `label_fault` says that they cannot both be right. `bits` is how many of 64 differ.
    """

    id: str
    file: str
    kind: Kind
    note: str = ""
    duplicate_of: str | None = None
    bits: int | None = None
    distance_km: float | None = None
    label_fault: bool = False

    def row(self) -> dict[str, Any]:
        """Return the row for the file; what is not stated is left out."""
        values = {name: getattr(self, name) for name in Mark.__slots__}
        kept = {name: value for name, value in values.items() if value not in (None, "", False)}
        return {**kept, "placeholder": self.kind == "placeholder"}

    @property
    def truth_fields(self) -> dict[str, Any]:
        """Return the fields that it adds to the photo's row of truth."""
        if self.kind == "placeholder":
            return {"placeholder": True}
        return {"duplicate_of": self.duplicate_of} if self.duplicate_of else {}


@dataclass(frozen=True, slots=True)
class Reference:
    """A photo of an index: its file, and its label where one is known."""

    path: Path
    lat_deg: float | None = None
    lon_deg: float | None = None


def check_pictures(
    photos: Sequence[PhotoRow], files: Mapping[str, Path], references: Sequence[Reference] = ()
) -> list[Mark]:
    """Return what is wrong with the pictures, at most one mark a photo, in the photos' order.

    Args:
        photos: the photos of the set.
        files: where each picture lies, by id.
        references: photos that a system may have seen, as those of its index.
    """
    marks: dict[str, Mark] = {}
    seen = list(_measure(photos, files, marks))
    seen = _without_placeholders(seen, marks)
    seen = _without_identical(seen, marks)
    _mark_near_copies(seen, marks)
    _mark_references(seen, marks, references)
    return [marks[photo.id] for photo in photos if photo.id in marks]


_Seen = tuple[PhotoRow, PictureFacts]


def _measure(
    photos: Sequence[PhotoRow], files: Mapping[str, Path], marks: dict[str, Mark]
) -> Iterator[_Seen]:
    for photo in photos:
        path = files.get(photo.id)
        if path is None:
            marks[photo.id] = Mark(photo.id, photo.file, "missing")
            continue
        try:
            yield photo, measure_picture(path)
        except UnreadablePicture as error:
            marks[photo.id] = Mark(photo.id, photo.file, "unreadable", str(error))


def _without_placeholders(seen: list[_Seen], marks: dict[str, Mark]) -> list[_Seen]:
    """Return what shows something; the same bytes at three places or more are no photo either."""
    by_digest: dict[str, list[PhotoRow]] = defaultdict(list)
    for photo, facts in seen:
        by_digest[facts.sha256].append(photo)
    for photo, facts in seen:
        same = by_digest[facts.sha256]
        note = facts.blank_because
        if (
            not note
            and len(same) >= MIN_PLACEHOLDER_COPIES
            and _spread_km(same) > MAX_SAME_PLACE_KM
        ):
            note = f"one file under {len(same)} names, at places far apart"
        if note:
            marks[photo.id] = Mark(photo.id, photo.file, "placeholder", note)
    return [one for one in seen if one[0].id not in marks]


def _without_identical(seen: list[_Seen], marks: dict[str, Mark]) -> list[_Seen]:
    first: dict[str, PhotoRow] = {}
    for photo, facts in seen:
        original = first.setdefault(facts.sha256, photo)
        if original is not photo:
            mark = Mark(photo.id, photo.file, "identical", duplicate_of=original.id, bits=0)
            marks[photo.id] = _with_distance(mark, photo, original)
    return [one for one in seen if one[0].id not in marks]


def _mark_near_copies(seen: list[_Seen], marks: dict[str, Mark]) -> None:
    for copy in find_near_copies(signatures([facts for _, facts in seen])):
        photo, original = seen[copy.index][0], seen[copy.original][0]
        mark = Mark(photo.id, photo.file, "near copy", duplicate_of=original.id, bits=copy.bits)
        marks[photo.id] = _with_distance(mark, photo, original)


def _mark_references(
    seen: list[_Seen], marks: dict[str, Mark], references: Sequence[Reference]
) -> None:
    """Mark what a reference shows too; this says more than a copy inside the set."""
    known = list(_measured_references(references)) if references else []
    pictures = signatures([facts for _, facts in seen])
    for copy in find_in_references(pictures, signatures([facts for _, facts in known])):
        photo, reference = seen[copy.index][0], known[copy.original][0]
        mark = Mark(
            photo.id, photo.file, "in references",
            duplicate_of=reference.path.name, bits=copy.bits,
        )  # fmt: skip
        marks[photo.id] = _with_distance(mark, photo, reference)


def _measured_references(
    references: Sequence[Reference],
) -> Iterator[tuple[Reference, PictureFacts]]:
    for reference in references:
        try:
            facts = measure_picture(reference.path)
        except UnreadablePicture:
            continue  # a reference that cannot be decoded has been in no index
        if not facts.blank_because:
            yield reference, facts


def _with_distance(mark: Mark, photo: PhotoRow, other: PhotoRow | Reference) -> Mark:
    points = (photo.lat_deg, photo.lon_deg, other.lat_deg, other.lon_deg)
    if any(value is None for value in points):
        return mark
    away = float(distance_km(*(float(value or 0.0) for value in points)))
    return replace(mark, distance_km=round(away, 3), label_fault=away > MAX_SAME_PLACE_KM)


def _spread_km(photos: Sequence[PhotoRow]) -> float:
    """Return the greatest distance from the first photo's point; 0 where points are not known."""
    points = [(p.lat_deg, p.lon_deg) for p in photos if p.lat_deg is not None]
    if not points:
        return 0.0
    lat, lon = np.array(points, dtype=np.float64).T
    return float(distance_km(lat[0], lon[0], lat, lon).max())
