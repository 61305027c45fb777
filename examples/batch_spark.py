"""Locates the photos of a folder in Spark: `locate_batch` under `mapInArrow`.

Needs the package `pyspark` and Java; PYSPARK_PYTHON names the Python of the workers. Each opens the
tools once.

    python examples/batch_spark.py PHOTOS
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from geoagent_graph import locate_batch
from geoagent_graph.batch.locate_rows import answers_schema


def locate(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the answers to batches of rows."""
    for batch in batches:
        yield locate_batch(batch)


def located(photos: list[str], master: str = "local[1]") -> pa.Table:
    """Return the answers to photos as a table."""
    session = SparkSession.builder.master(master).config("spark.ui.enabled", "false").getOrCreate()
    try:
        frame = session.createDataFrame([(photo,) for photo in photos], ["photo"])
        return frame.mapInArrow(locate, from_arrow_schema(answers_schema())).toArrow()
    finally:
        session.stop()


if __name__ == "__main__":
    found = located([str(path) for path in sorted(Path(sys.argv[1]).glob("*.jpg"))])
    for row in found.select(["photo", "level", "country", "error"]).to_pylist():
        print(*row.values(), sep="\t")
