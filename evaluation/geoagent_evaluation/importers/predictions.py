"""Answers as rows of `predictions.jsonl`; what cannot be read stays a row and counts as failure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from geoagent_evaluation.datasets.photo_name import without_picture_suffix
from geoagent_evaluation.datasets.records import Record
from geoagent_evaluation.errors import DatasetError
from geoagent_evaluation.importers.answer import Answer, checked_answer, failure
from geoagent_evaluation.importers.key_names import IDENTIFIERS, plain_keys
from geoagent_evaluation.importers.places import Gazetteer
from geoagent_evaluation.importers.read_answer import read_answer

MAX_ID_CHARS: Final = 200
NESTED_IDENTIFIERS: Final = ("doc", "sample", "properties", "metadata")


@dataclass(slots=True)
class ImportCounts:
    """What became of the rows: how many of each kind, and the names that no gazetteer knew."""

    rows: int = 0
    points: int = 0
    resolved: int = 0
    abstained: int = 0
    unresolved: int = 0
    unread: int = 0
    unknown_names: list[str] = field(default_factory=list)


def prediction_rows(
    records: Iterable[Record], gazetteer: Gazetteer | None, counts: ImportCounts
) -> Iterator[dict[str, Any]]:
    """Yield a row for each record, and count what became of it.

    A row without a point that is no abstention has `failure`: it breaks the contract on purpose and
    is scored with `--lenient`, as a failure.

    Raises:
        DatasetError: a record has no identifier, or that of another.
    """
    seen: dict[str, int] = {}
    for record in records:
        name = identifier(record)
        if seen.setdefault(name, record.row) != record.row:
            raise DatasetError(
                f"row {record.row}: {name!r} is the id of row {seen[name]} too; "
                "one answer a photo is scored"
            )
        counts.rows += 1
        answer = _read(record)
        yield {"id": name, **_fields(answer, gazetteer, counts)}


def identifier(record: Record) -> str:
    """Return the id of a record's photo: without folders and without suffix of a picture."""
    plain = plain_keys(record.values)
    for values in (plain, *_nested(plain)):
        for key in IDENTIFIERS:
            value = values.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
                return _photo_name(str(value))
    if isinstance(plain.get("docid"), int):  # a place in a list: the last resort
        return str(plain["docid"])
    raise DatasetError(
        f"row {record.row}: has no identifier; it has {', '.join(list(record.values)[:10])}"
    )


def _nested(plain: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for key in NESTED_IDENTIFIERS:
        if isinstance(plain.get(key), Mapping):
            yield plain_keys(plain[key])


def _photo_name(text: str) -> str:
    name = text.strip().replace("\\", "/").rsplit("/", 1)[-1]
    return without_picture_suffix(name)[:MAX_ID_CHARS]


def _read(record: Record) -> Answer:
    error = plain_keys(record.values).get("error")
    answer = checked_answer(read_answer(record.values))
    if answer.says_something or answer.problem:
        return answer
    return failure(f"error: {str(error)[:100]}" if error else "no answer that can be read")


def _fields(answer: Answer, gazetteer: Gazetteer | None, counts: ImportCounts) -> dict[str, Any]:
    if answer.points:
        counts.points += 1
        return _point_fields(answer)
    if answer.abstained:
        counts.abstained += 1
        return {"abstained": True}
    if answer.place:
        return _place_fields(answer.place, gazetteer, counts)
    counts.unread += 1
    return {"failure": answer.problem}


def _point_fields(answer: Answer) -> dict[str, Any]:
    best = answer.points[0]
    fields: dict[str, Any] = {"lat_deg": best.lat_deg, "lon_deg": best.lon_deg}
    if len(answer.points) > 1:
        stated = [point.probability for point in answer.points if point.probability is not None]
        usable = len(stated) == len(answer.points) and sum(stated) <= 1
        fields["candidates"] = [
            {"lat_deg": point.lat_deg, "lon_deg": point.lon_deg}
            | ({"probability": point.probability} if usable else {})
            for point in answer.points
        ]
    return fields


def _place_fields(place: str, gazetteer: Gazetteer | None, counts: ImportCounts) -> dict[str, Any]:
    found = gazetteer.find(place) if gazetteer else None
    if found is None:
        counts.unresolved += 1
        counts.unknown_names.append(place)
        return {"failure": f"no place is known as {place!r}", "named": place}
    counts.resolved += 1
    fields: dict[str, Any] = {"lat_deg": found.lat_deg, "lon_deg": found.lon_deg}
    fields |= {"level": found.level, "named": place}
    return fields | ({"country": found.country} if found.country else {})
