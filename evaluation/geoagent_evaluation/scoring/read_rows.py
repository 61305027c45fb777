"""The rows of a score, read again from its folder."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from geoagent_evaluation.contract.places import PlaceCodes
from geoagent_evaluation.contract.tables import Flags, TruthTable, Words
from geoagent_evaluation.errors import ContractError
from geoagent_evaluation.scoring.countries import continents_of
from geoagent_evaluation.scoring.figures import ROW_COLUMNS
from geoagent_evaluation.scoring.join import LEVEL_PLACE
from geoagent_evaluation.scoring.place_match import Ternary, match_words
from geoagent_evaluation.scoring.rows import NUMBERS, ScoredRows
from geoagent_evaluation.scoring.score_files import ROWS_NAME


def read_rows(folder: Path) -> tuple[ScoredRows, Ternary]:
    """Return the rows of a scored folder and which of their claims are right.

    What `rows.parquet` does not keep is not known: regions and cities of the truth, kinds of
    evidence, and places by a gazetteer.

    Raises:
        ContractError: the folder has no rows that can be read.
    """
    path = folder / ROWS_NAME
    try:
        with path.open("rb") as file:
            columns = pq.read_table(file, columns=list(ROW_COLUMNS)).to_pydict()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ContractError(f"{path}: holds no rows of a score ({reason})") from error
    lacking = [name for name in ROW_COLUMNS if name not in columns]
    if lacking:
        raise ContractError(f"{path}: has no column {lacking[0]}; score the predictions again")
    return _rows_of(columns), _ternary(columns["claim_right"])


def _rows_of(columns: dict[str, Any]) -> ScoredRows:
    nowhere: Words = [None] * len(columns["id"])
    truth = TruthTable(
        columns["id"],
        np.array(columns["true_lat_deg"], dtype=np.float64),
        np.array(columns["true_lon_deg"], dtype=np.float64),
        columns["true_country"],
        nowhere,
        nowhere,
        columns["permitted_level"],
        columns["locatability"],
        nowhere,
        columns["cluster"],
    )
    numbers: dict[str, Any] = {name: np.array(columns[name], dtype=np.float64) for name in NUMBERS}
    return ScoredRows(
        truth=truth,
        missing=_flags(columns["missing"]),
        failed=_flags(columns["failed"]),
        abstained=_flags(columns["abstained"]),
        level=np.array([LEVEL_PLACE.get(word, -1) for word in columns["level"]], dtype=np.int8),
        country=columns["country"],
        evidence=[()] * len(nowhere),
        true={"codes": PlaceCodes(truth.country, nowhere, nowhere)},
        right={"codes": _right_by_codes(columns)},
        **numbers,
    )


def _right_by_codes(columns: dict[str, Any]) -> dict[str, Ternary]:
    said, true = continents_of(columns["country"]), continents_of(columns["true_country"])
    named = any(word is not None for word in columns["country"])
    return {
        "continent": match_words(said, true if named else [None] * len(true)),
        **{name: _ternary(columns[f"{name}_right"]) for name in ("country", "region", "city")},
    }


def _flags(column: list[bool]) -> Flags:
    return np.array(column, dtype=np.bool_)


def _ternary(column: list[bool | None]) -> Ternary:
    return np.array([-1 if flag is None else flag for flag in column], dtype=np.int8)
