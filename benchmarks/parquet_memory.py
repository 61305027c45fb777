"""Peak memory of reading Parquet with photos inside, beside the same rows with next to no photos.

    python benchmarks/parquet_memory.py --rows 1000 --photo-kb 276 --out parquet_memory.csv

Every figure is the highest resident memory of a process of its own, in MB. `interpreter` has only
imported what the others import. `sft` and `grpo` make the table and look at every photo once, as
an epoch does; `check` is `geoagent-train check`. One file is written in row groups of 100, as
`datasets` writes them; the other is one group, as pandas does, and is copied once by a child.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

LEVEL = {"Clues": ["tiles"], "Reasoning": "r " * 200, "Conclusion": "c", "Uncertainty": "low"}
CHAIN = {
    "CountryIdentification": LEVEL,
    "RegionalGuess": LEVEL,
    "PreciseLocalization": LEVEL,
    "FinalAnswer": "Portugal; Lisbon; Alfama",
}
STAGES = ("interpreter", "sft", "grpo", "check")
# not `ru_maxrss`, which a process takes over from the one that started it
_PEAK = """
status = Path("/proc/self/status").read_text()
print(status[status.index("VmHWM:"):].split()[1])
"""
_IMPORTS = """
import sys
from pathlib import Path
import torch, trl, pyarrow.parquet
from geoagent_training.data.tables import conversation_table, photo_table
from geoagent_training.data.validation import check_source
path = Path(sys.argv[1])
"""
_BODIES = {
    "interpreter": "",
    "sft": """
for row in conversation_table(path, "geoseek-cot", "think_answer"):
    row["images"][0].size
""",
    "grpo": """
for row in photo_table(path, "geoseek-cot"):
    row["image"].size
""",
    "check": """check_source(path, "geoseek-cot", report=lambda words: None)""",
}


def write_photos(path: Path, rows: int, photo_bytes: int, group_rows: int | None) -> Path:
    """Write a data set of photos of a size in bytes; one row group where none is given."""
    photo = _photo_of_size(photo_bytes)
    size = group_rows or rows
    writer = None
    for _ in range(0, rows, size):
        table = pa.table(
            {
                "image": [{"bytes": photo, "path": None}] * size,
                "lat": [38.7] * size,
                "lon": [-9.1] * size,
                "country": ["Portugal"] * size,
                "chain": [json.dumps(CHAIN)] * size,
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema, use_dictionary=False)
        writer.write_table(table)
    assert writer is not None
    writer.close()
    return path


def _photo_of_size(photo_bytes: int) -> bytes:
    """Return a PNG of about so many bytes: noise, that nothing compresses."""
    side = max(1, int((photo_bytes / 3) ** 0.5))
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        Image.fromarray(noise).save(file.name, compress_level=0)
        return Path(file.name).read_bytes()


def peak_mb(stage: str, path: Path, cache: Path) -> float:
    """Return the highest resident memory in MB of a process that does one stage."""
    program = _IMPORTS + _BODIES[stage] + _PEAK
    setting = [f"GEOAGENT_CACHE_DIR={cache}", "HF_HUB_OFFLINE=1"]
    words = ["env", *setting, sys.executable, "-c", program, str(path)]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    return int(ended.stdout.split()[-1]) / 1024


def main() -> None:
    """Measure every stage on every file and write a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--photo-kb", type=int, default=276)
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=STAGES)
    parser.add_argument("--out", type=Path, default=Path("parquet_memory.csv"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, given.out.open("w", newline="") as out:
        folder = Path(name)
        table = csv.writer(out)
        table.writerow(["stage", "rows", "photo_kb", "metadata_mb", "groups_mb", "one_group_mb"])
        few = write_photos(folder / "few.parquet", given.rows, 100, None)
        files = [few]
        for group_rows in (100, None):
            path = folder / f"{group_rows}.parquet"
            files.append(write_photos(path, given.rows, given.photo_kb * 1000, group_rows))
        peak_mb("check", few, folder / "cache")  # makes the tables of places
        for stage in given.stages:
            peaks = [round(peak_mb(stage, file, folder / "cache"), 1) for file in files]
            table.writerow([stage, given.rows, given.photo_kb, *peaks])
            out.flush()
            print(stage, *peaks)


if __name__ == "__main__":
    main()
