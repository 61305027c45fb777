"""Rows as Hugging Face `datasets`: what the trainers take."""

import json
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from datasets import Dataset, Features, Image, IterableDataset, List, Value
from PIL import Image as Pictures
from PIL import UnidentifiedImageError

from geoagent_training.data.chat_rows import TargetFormat, conversation, prompt_messages
from geoagent_training.data.record_files import Problem
from geoagent_training.data.rows import ReasonedPhoto
from geoagent_training.data.sources import SourceFormat, SourceRow, read_source
from geoagent_training.errors import DataError

log = logging.getLogger(__name__)

MAX_PIXELS: Final = 100_000_000
_MAX_LISTED_PROBLEMS: Final = 5

PHOTO_FEATURES: Final = {
    "image": Image(),
    "lat_deg": Value("float64"),
    "lon_deg": Value("float64"),
    "country": Value("string"),
    "region": Value("string"),
    "precise": Value("string"),
    "row_id": Value("string"),
}
_MESSAGES: Final = List({"role": Value("string"), "content": Value("string")})


def photo_table(
    path: Path,
    source: SourceFormat,
    *,
    images: Path | None = None,
    check_images: bool = True,
    limit: int | None = None,
    system: str | None = None,
    question: str | None = None,
) -> Dataset:
    """Return prompts, photos and truths for GRPO and evaluation.

    Bad rows and photos that do not decode are left out, counted and logged. Photos stay on disk,
    as files or inside Parquet; only rows are in memory.

    Raises:
        DataError: no good row is left, or the file cannot be read at all.
    """
    good = good_rows(path, source, images, check_images=check_images, limit=limit)
    return photo_columns(good, system, question)


def photo_columns(
    rows: Sequence[SourceRow], system: str | None = None, question: str | None = None
) -> Dataset:
    """Return the prompts, photos and truths of rows."""
    prompt = prompt_messages(system, question)
    cells = [{"prompt": prompt, **_photo_columns(row)} for row in rows]
    return Dataset.from_list(cells, features=Features({"prompt": _MESSAGES, **PHOTO_FEATURES}))


def conversation_table(
    path: Path,
    source: SourceFormat,
    target: TargetFormat,
    *,
    images: Path | None = None,
    check_images: bool = True,
    limit: int | None = None,
    system: str | None = None,
    question: str | None = None,
) -> Dataset:
    """Return conversations for supervised training; rows without a chain are left out.

    Raises:
        DataError: no good row is left, or the file cannot be read at all.
    """
    good = good_rows(path, source, images, check_images=check_images, limit=limit)
    return conversation_columns(good, target, system, question)


def conversation_columns(
    rows: Sequence[SourceRow],
    target: TargetFormat,
    system: str | None = None,
    question: str | None = None,
) -> Dataset:
    """Return the conversations and photos of the rows that have a chain.

    Raises:
        DataError: none has.
    """
    cells = [
        {
            "conversation": conversation(row.photo.chain, target, system, question),
            "images": [picture_cell(row)],
        }
        for row in rows
        if isinstance(row.photo, ReasonedPhoto)
    ]
    return table_of_conversations(cells, rows)


def table_of_conversations(cells: list[dict[str, Any]], rows: Sequence[SourceRow]) -> Dataset:
    """Return conversations and their pictures, made of rows, as a table.

    Raises:
        DataError: there is none: no row has a chain that can be learned.
    """
    if not cells:
        first = rows[0].where.rpartition(":")[0] if rows else "the data set"
        raise DataError(f"{first}: no row has a chain of thought to learn from")
    features = Features({"conversation": Value("string"), "images": List(Image())})
    return Dataset.from_list(cells, features=features)


def stream_photos(path: Path, source: SourceFormat, images: Path | None = None) -> IterableDataset:
    """Return the same columns as `photo_table`, read while they are used; bad rows are logged."""

    def rows() -> Iterator[dict[str, Any]]:
        for row in read_source(path, source, images):
            if isinstance(row, Problem):
                log.warning("left out %s", row)
            else:
                yield {"prompt": prompt_messages(), **_photo_columns(row)}

    features = Features({"prompt": _MESSAGES, **PHOTO_FEATURES})
    return IterableDataset.from_generator(rows, features=features)


def image_problem(row: SourceRow) -> str | None:
    """Return why a photo does not decode, or None."""
    try:
        with Pictures.open(row.open_photo()) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return f"the image has {picture.width} x {picture.height} pixels"
            picture.load()
    except (
        OSError,
        ValueError,
        SyntaxError,
        UnidentifiedImageError,
        Pictures.DecompressionBombError,
    ) as error:
        return f"the image {row.photo.image} does not decode: {error}"
    return None


def good_rows(
    path: Path,
    source: SourceFormat,
    images: Path | None,
    *,
    check_images: bool,
    limit: int | None,
    split: str | None = None,
) -> list[SourceRow]:
    """Return the rows that can be used; those left out are counted and logged.

    Raises:
        DataError: none can be used.
    """
    good: list[SourceRow] = []
    problems: list[Problem] = []
    for row in read_source(path, source, images, split):
        if limit is not None and len(good) == limit:
            break
        reason = None if isinstance(row, Problem) or not check_images else image_problem(row)
        if isinstance(row, Problem):
            problems.append(row)
        elif reason:
            problems.append(Problem(row.where, reason))
        else:
            good.append(row.without_bytes())
    if problems:
        shown = "; ".join(str(problem) for problem in problems[:_MAX_LISTED_PROBLEMS])
        log.warning("%s: %d rows left out, %d kept: %s", path, len(problems), len(good), shown)
    if not good:
        first = f"; the first problem: {problems[0]}" if problems else ""
        raise DataError(f"{path}: the data set has no usable row{first}")
    return good


def _photo_columns(row: SourceRow) -> dict[str, Any]:
    photo = row.photo
    return {
        "image": picture_cell(row),
        "lat_deg": photo.lat_deg,
        "lon_deg": photo.lon_deg,
        "country": photo.country,
        "region": photo.region,
        "precise": photo.precise,
        "row_id": row.where,
    }


def picture_cell(row: SourceRow) -> dict[str, Any]:
    """Return a row's photo as an `Image` column takes it."""
    if row.stored is not None:
        return {"path": row.stored.address, "bytes": None}
    return {"path": row.photo.image, "bytes": row.image_bytes}


def write_parquet(table: Dataset, path: Path) -> None:
    """Write a table as Parquet with the photos inside."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(str(path))


def json_line(values: dict[str, Any]) -> str:
    """Return one line of JSON, letters of every script as they are."""
    return json.dumps(values, ensure_ascii=False) + "\n"
