"""Photos that figures are given without: copies of others, and pictures that show nothing."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

import numpy as np

from geoagent_evaluation.contract.json_lines import json_rows
from geoagent_evaluation.contract.open_rows import refusal, whole_row
from geoagent_evaluation.contract.prediction_row import checked_id
from geoagent_evaluation.contract.row_checks import Row, RowProblem
from geoagent_evaluation.contract.tables import Ints, TruthTable

GROUP: Final = "pictures=without copies and placeholders"
_MARKS: Final = ("placeholder", "duplicate_of", "kind")


def read_left_out(path: Path) -> frozenset[str]:
    """Return the ids that a file leaves out: `duplicates.jsonl`, or a truth with its marks.

    A row that has `placeholder`, `duplicate_of` or `kind` is left out for a placeholder or a copy
    alone; a row of a plain list of ids always is.

    Raises:
        ContractError: file and row of what is no JSON object with an id.
    """
    names = set()
    for number, row in json_rows(path):
        try:
            checked = whole_row(row)
            name = checked_id(checked)
        except RowProblem as fault:
            raise refusal(path, number, fault) from fault
        if _is_left_out(checked):
            names.add(name)
    return frozenset(names)


def kept_photos(truth: TruthTable, left_out: Collection[str]) -> Ints:
    """Return the places of the photos that stay."""
    return np.flatnonzero([name not in left_out for name in truth.ids])


def _is_left_out(row: Row) -> bool:
    if row.get("placeholder") or row.get("duplicate_of"):
        return True
    return not any(mark in row for mark in _MARKS) and "lat_deg" not in row
