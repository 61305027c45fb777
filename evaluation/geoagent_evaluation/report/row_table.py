"""One row per photo, as `rows.parquet` has it: numbers as arrays, words one at a time."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from geoagent_evaluation.errors import EvaluationError
from geoagent_evaluation.scoring.figures import ROW_COLUMNS, ROW_WORDS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class RowTable:
    """The rows of a score: a column that the file lacks is empty, as is what a row does not say."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def numbers(self, name: str) -> Floats:
        """Return a column of numbers [n]; NaN where there is none or it is not finite."""
        if name not in self._table.column_names:
            return np.full(len(self), np.nan)
        column = pc.cast(self._table.column(name), pa.float64()).fill_null(np.nan)
        values = np.asarray(column.to_numpy(), np.float64)
        return np.where(np.isfinite(values), values, np.nan)

    def flags(self, name: str) -> Flags:
        """Return a column of flags [n]; False where a row says nothing."""
        found: Flags = self.numbers(name) == 1.0
        return found

    def word(self, name: str, row: int) -> str:
        """Return a row's text, empty where it says nothing."""
        if name not in self._table.column_names:
            return ""
        value = self._table.column(name)[row].as_py()
        return "" if value is None else str(value)

    def distances_km(self) -> Floats:
        """Return the error of each row [n], NaN for rows that have no point or failed."""
        return np.where(self.flags("failed"), np.nan, self.numbers("distance_km"))

    def digest(self) -> str:
        """Return a digest of which photos the rows are of, and where those were taken."""
        digest = hashlib.sha256()
        for name in ("true_lat_deg", "true_lon_deg"):
            digest.update(self.numbers(name).tobytes())
        if "id" in self._table.column_names:
            for chunk in self._table.column("id").chunks:
                digest.update("\0".join(map(str, chunk.to_pylist())).encode("utf-8", "replace"))
        return digest.hexdigest()


def read_rows(path: Path) -> RowTable:
    """Return the rows of a score; a file that is none is refused by its name."""
    try:
        schema = pq.read_schema(path)
        wrong = [name for name in ROW_COLUMNS if name in schema.names and _is_wrong(schema, name)]
        if wrong:
            raise EvaluationError(
                f"{path}: {wrong[0]} holds {schema.field(wrong[0]).type}; score again"
            )
        present = [name for name in ROW_COLUMNS if name in schema.names]
        return RowTable(pq.read_table(path, columns=present))
    except (OSError, pa.ArrowException) as error:
        raise EvaluationError(f"{path}: cannot be read as the rows of a score: {error}") from error


def _is_wrong(schema: Any, name: str) -> bool:
    """Return whether a column holds neither words, where those are meant, nor numbers and flags."""
    kind, types = schema.field(name).type, pa.types
    if types.is_null(kind):
        return False
    if name in ROW_WORDS:
        return not (types.is_string(kind) or types.is_large_string(kind))
    return not (types.is_floating(kind) or types.is_integer(kind) or types.is_boolean(kind))
