"""The rows of a file of the contract, whatever its format."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from geoagent_evaluation.contract.csv_rows import csv_rows
from geoagent_evaluation.contract.json_lines import NumberedRow, json_rows
from geoagent_evaluation.contract.row_checks import Row, RowProblem
from geoagent_evaluation.errors import ContractError

_PARQUET_MAGIC = b"PAR1"


def open_rows(path: Path, columns: Sequence[str]) -> Iterator[NumberedRow]:
    """Return the numbered rows of a JSONL, CSV or Parquet file, or what is wrong with each.

    The format is Parquet by its suffix or first bytes, CSV by its suffix, else JSONL.

    Raises:
        ContractError: the file as a whole cannot be read as one of its format.
        OSError: it cannot be read at all.
    """
    with path.open("rb") as file:
        magic = file.read(len(_PARQUET_MAGIC))
    if path.suffix.lower() in {".parquet", ".pq"} or magic == _PARQUET_MAGIC:
        from geoagent_evaluation.contract.parquet_rows import parquet_rows

        return parquet_rows(path, columns)
    return csv_rows(path) if path.suffix.lower() == ".csv" else json_rows(path)


def whole_row(row: Row | RowProblem) -> Row:
    """Return a row that could be read as one.

    Raises:
        RowProblem: why it could not.
    """
    if isinstance(row, RowProblem):
        raise row
    return row


def refusal(path: Path, number: int, fault: RowProblem) -> ContractError:
    """Return the error for a row: file, row, field and what is wrong, in one line."""
    field = f", {fault.field}" if fault.field else ""
    return ContractError(f"{path}, row {number}{field}: {fault.problem}")
