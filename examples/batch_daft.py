"""Locates the photos of a folder in Daft: `locate_batch` as a function of a column.

Needs the package `daft`. Daft reads tables from anywhere; its runners use one machine or Ray.

    python examples/batch_daft.py PHOTOS
"""

import sys
from pathlib import Path

import daft
import pyarrow as pa

from geoagent_graph import locate_batch
from geoagent_graph.batch.locate_rows import answers_schema

ANSWER = pa.struct(list(answers_schema()))


@daft.func.batch(  # type: ignore[untyped-decorator]
    return_dtype=daft.DataType.from_arrow_type(ANSWER), batch_size=8
)
def locate(photo: daft.Series) -> pa.Array:
    """Return the answers to a column of paths, a struct each."""
    rows = locate_batch(pa.RecordBatch.from_pydict({"photo": photo.to_pylist()}))
    return pa.StructArray.from_arrays(rows.columns, fields=list(rows.schema))


def located(photos: list[str]) -> pa.Table:
    """Return the answers to photos as a table, in their order."""
    frame = daft.from_pydict({"photo": photos}).select(locate(daft.col("photo")).alias("found"))
    found = frame.to_arrow()["found"].combine_chunks()
    return pa.Table.from_arrays(found.flatten(), schema=answers_schema().remove_metadata())


if __name__ == "__main__":
    found = located([str(path) for path in sorted(Path(sys.argv[1]).glob("*.jpg"))])
    for row in found.select(["photo", "level", "country", "error"]).to_pylist():
        print(*row.values(), sep="\t")
