"""Predictions from a file: whole, or a batch at a time for files that are larger than memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np

from geoagent_evaluation.contract.open_rows import open_rows, refusal, whole_row
from geoagent_evaluation.contract.prediction_row import (
    NO_CANDIDATES,
    PREDICTION_FIELDS,
    CandidateColumns,
    PredictionRow,
    check_prediction,
    checked_id,
)
from geoagent_evaluation.contract.row_checks import NOT_STATED, Row, RowProblem, word_field
from geoagent_evaluation.contract.tables import CandidateTable, FailedRow, Floats, PredictionTable
from geoagent_evaluation.errors import ContractError

BATCH_ROWS: Final = 20_000
MAX_KEPT_FAULTS: Final = 1000
ERROR_FIELD: Final = "error"
_WORDS: Final = ("level", "continent", "country", "region", "city")
_NUMBERS: Final = (
    "lat_deg", "lon_deg", "probability", "radius_km", "radius_50_km", "seconds", "cost",
)  # fmt: skip


@dataclass(slots=True)
class Faults:
    """The rows that broke the contract: how many, and the first of them."""

    count: int = 0
    first: list[FailedRow] = field(default_factory=list)

    def add(self, file: Path, row: int, fault: RowProblem) -> None:
        """Count a row, and keep what is wrong with it if few were kept."""
        self.count += 1
        if len(self.first) < MAX_KEPT_FAULTS:
            self.first.append(FailedRow(str(file), row, fault.field, fault.problem))


@dataclass(frozen=True, slots=True)
class PredictionBatch:
    """Some rows of a file: the table, and the number of each row in the file."""

    table: PredictionTable
    rows: list[int]


def read_predictions(path: Path, lenient: bool = False) -> tuple[PredictionTable, list[FailedRow]]:
    """Return all predictions of a file, and the rows that broke the contract.

    Args:
        path: JSONL, CSV or Parquet.
        lenient: keep rows that break the contract as failures; else they are an error.

    Raises:
        ContractError: file, row and field of what breaks the contract, or a file without rows.
    """
    faults = Faults()
    numbered = list(_checked_rows(path, lenient, faults))
    if not numbered and not lenient:
        raise ContractError(f"{path}: holds no row")
    rows = _without_repeated_ids(path, numbered, lenient, faults)
    return _table_of(rows), faults.first


def prediction_batches(path: Path, lenient: bool, faults: Faults) -> Iterator[PredictionBatch]:
    """Yield the predictions of a file in batches; ids that come twice are left to the caller.

    Raises:
        ContractError: file, row and field of what breaks the contract.
    """
    batch: list[tuple[int, PredictionRow | str]] = []
    for numbered in _checked_rows(path, lenient, faults):
        batch.append(numbered)
        if len(batch) == BATCH_ROWS:
            yield _batch_of(batch)
            batch = []
    if batch:
        yield _batch_of(batch)


def _batch_of(batch: Sequence[tuple[int, PredictionRow | str]]) -> PredictionBatch:
    return PredictionBatch(_table_of([row for _, row in batch]), [number for number, _ in batch])


def _checked_rows(
    path: Path, lenient: bool, faults: Faults
) -> Iterator[tuple[int, PredictionRow | str]]:
    """Yield each row, or the id of one that failed or broke the contract, empty where it has none.

    A row that states an `error` is a failure that its system owns to: no fault of the file.
    """
    for number, row in open_rows(path, (*PREDICTION_FIELDS, ERROR_FIELD)):
        try:
            whole = whole_row(row)
            stated = word_field(whole, ERROR_FIELD) is not None
            yield number, checked_id(whole) if stated else check_prediction(whole)
        except RowProblem as fault:
            if not lenient:
                raise refusal(path, number, fault) from fault
            faults.add(path, number, fault)
            yield number, _readable_id(row)


def _readable_id(row: Row | RowProblem) -> str:
    try:
        return "" if isinstance(row, RowProblem) else checked_id(row)
    except RowProblem:
        return ""


def _without_repeated_ids(
    path: Path,
    numbered: Sequence[tuple[int, PredictionRow | str]],
    lenient: bool,
    faults: Faults,
) -> list[PredictionRow | str]:
    """Return the rows; all rows of an id that comes twice have failed: which one is meant?"""
    first: dict[str, int] = {}
    rows = [row for _, row in numbered]
    for index, (number, row) in enumerate(numbered):
        identity = row if isinstance(row, str) else row.id
        earlier = first.setdefault(identity, index) if identity else index
        if earlier != index:
            fault = RowProblem("id", f"is that of row {numbered[earlier][0]} too")
            if not lenient:
                raise refusal(path, number, fault)
            faults.add(path, number, fault)
            rows[earlier] = rows[index] = identity
    return rows


_FAILED: Final = PredictionRow(
    "", NOT_STATED, NOT_STATED, None, NOT_STATED, NOT_STATED, NOT_STATED, False, NOT_STATED,
    NOT_STATED, None, None, None, NO_CANDIDATES, (),
)  # fmt: skip


def _table_of(rows: Sequence[PredictionRow | str]) -> PredictionTable:
    stated = [_FAILED._replace(id=row) if isinstance(row, str) else row for row in rows]
    columns: dict[str, Any] = dict.fromkeys(PREDICTION_FIELDS, ())
    if stated:
        columns = dict(zip(PREDICTION_FIELDS, zip(*stated, strict=True), strict=True))
    words: dict[str, Any] = {name: list(columns[name]) for name in _WORDS}
    numbers: dict[str, Any] = {name: np.array(columns[name], dtype=np.float64) for name in _NUMBERS}
    return PredictionTable(
        ids=list(columns["id"]),
        abstained=np.array(columns["abstained"], dtype=np.bool_),
        failed=np.array([isinstance(row, str) for row in rows], dtype=np.bool_),
        candidates=_candidate_table(columns["candidates"]),
        evidence=list(columns["evidence"]),
        **numbers,
        **words,
    )


def _candidate_table(rows: Sequence[CandidateColumns]) -> CandidateTable:
    offsets = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row.place) for row in rows], out=offsets[1:])
    total = int(offsets[-1])

    def joined(columns: Iterable[Sequence[float]]) -> Floats:
        return np.fromiter(chain.from_iterable(columns), dtype=np.float64, count=total)

    return CandidateTable(
        offsets,
        joined(row.lat_deg for row in rows),
        joined(row.lon_deg for row in rows),
        joined(row.probability for row in rows),
        list(chain.from_iterable(row.place for row in rows)),
    )
