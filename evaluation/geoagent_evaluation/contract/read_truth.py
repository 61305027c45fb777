"""Truth from a file: where each photo was taken, and what else is known of it."""

from collections.abc import Sequence
from pathlib import Path
from sys import intern

import numpy as np

from geoagent_evaluation.contract.open_rows import open_rows, refusal, whole_row
from geoagent_evaluation.contract.row_checks import RowProblem
from geoagent_evaluation.contract.tables import TruthTable
from geoagent_evaluation.contract.truth_row import TRUTH_FIELDS, TruthRow, check_truth
from geoagent_evaluation.errors import ContractError


def read_truth(path: Path) -> TruthTable:
    """Return the truth of a JSONL, CSV or Parquet file; a bad row is always an error.

    Raises:
        ContractError: file, row and field of what breaks the contract, or a file without rows.
    """
    rows: list[TruthRow] = []
    seen: dict[str, int] = {}
    for number, row in open_rows(path, TRUTH_FIELDS):
        try:
            checked = _interned(check_truth(whole_row(row)))
            _refuse_repeated(seen.setdefault(checked.id, number), number)
        except RowProblem as fault:
            raise refusal(path, number, fault) from fault
        rows.append(checked)
    if not rows:
        raise ContractError(f"{path}: holds no row")
    return truth_table(rows)


def truth_table(rows: Sequence[TruthRow]) -> TruthTable:
    """Return rows of truth as a table."""
    columns = dict(zip(TRUTH_FIELDS, zip(*rows, strict=True), strict=True))
    return TruthTable(
        ids=list(columns["id"]),
        lat_deg=np.array(columns["lat_deg"], dtype=np.float64),
        lon_deg=np.array(columns["lon_deg"], dtype=np.float64),
        **{name: list(columns[name]) for name in TRUTH_FIELDS[3:]},
    )


def _refuse_repeated(first: int, number: int) -> None:
    if first != number:
        raise RowProblem("id", f"is that of row {first} too")


def _interned(row: TruthRow) -> TruthRow:
    """Return the row with its words held once: a million rows name few places."""
    return TruthRow(*row[:3], *[word and intern(word) for word in row[3:]])
