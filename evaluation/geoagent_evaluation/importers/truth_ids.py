"""Identifiers of predictions brought to those of the truth."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from geoagent_evaluation.datasets.photo_name import without_picture_suffix

_NUMBER: Final = re.compile(r"\d{5,}$", re.ASCII)  # shorter ones count something else


def match_ids(
    rows: Sequence[dict[str, Any]], truth_ids: Iterable[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return a row for each photo of the truth, in its order, and what to say of the rest.

    An identifier matches as it is, without folder and suffix of a picture, as what stands behind
    the last `_` or `-`, or by the number that it ends with, where that names one photo alone. A
    photo without a prediction is a failure.
    """
    known = list(truth_ids)
    names = _names(known)
    by_truth: dict[str, dict[str, Any]] = {}
    strange = []
    for row in rows:
        meant = next((names[name] for name in _spellings(row["id"]) if names.get(name)), None)
        if meant is None or meant in by_truth:
            strange.append(str(row["id"]))
        else:
            by_truth[meant] = {**row, "id": meant}
    missing = [name for name in known if name not in by_truth]
    matched = [
        by_truth.get(name, {"id": name, "failure": "there is no answer for it"}) for name in known
    ]
    return matched, list(_remarks(strange, missing))


def _names(known: Sequence[str]) -> dict[str, str | None]:
    """Return the photo that each spelling means; None where it may mean two."""
    names: dict[str, str | None] = {}
    for name in known:
        for spelling in _spellings(name)[1:]:
            names[spelling] = None if names.get(spelling, name) != name else name
    return names | dict(zip(known, known, strict=True))


def _spellings(name: str) -> list[str]:
    stem = without_picture_suffix(name.rsplit("/", 1)[-1])
    number = _NUMBER.search(stem)
    return [name, stem, stem.replace("-", "_").rsplit("_", 1)[-1], number[0] if number else stem]


def _remarks(strange: Sequence[str], missing: Sequence[str]) -> Iterable[str]:
    if strange:
        yield f"{len(strange)} answers are for no photo of the truth: {', '.join(strange[:3])}"
    if missing:
        named = ", ".join(missing[:3])
        yield f"{len(missing)} photos have no answer and count as failures: {named}"
