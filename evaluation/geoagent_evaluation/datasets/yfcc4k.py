"""YFCC4k: 4,536 photos of YFCC100M (Vo, Jacobs and Hays, ICCV 2017).

Pictures and `info.txt`: https://github.com/lugiavn/revisiting-im2gps . `info.txt` is a table of
tabs without a head in the order of YFCC100M: its second field is the photo's number, fields 13 and
14 longitude and latitude (read so by https://github.com/gastruc/osv5m/blob/main/data/data.py).
Later copies are a CSV with IMG_ID, OwnerNSID, LAT, LON.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from geoagent_evaluation.datasets.dataset import Columns, Dataset
from geoagent_evaluation.datasets.records import Record, read_records
from geoagent_evaluation.datasets.text_lines import bounded_lines
from geoagent_evaluation.errors import DatasetError

MIN_FIELDS: Final = 14
_PHOTO, _OWNER, _LON, _LAT = 1, 3, 12, 13


def read_yfcc(path: Path) -> Iterator[Record]:
    """Yield the records of the CSV, or of `info.txt` under the names of the CSV."""
    first = next(bounded_lines(path), "") if path.is_file() else ""
    if path.suffix.lower() in {".txt", ".tsv"} and "LAT" not in first.upper().split("\t"):
        return _info_records(path, first.rstrip("\r\n").count("\t") + 1)
    return read_records(path)


def _info_records(path: Path, fields: int) -> Iterator[Record]:
    if fields < MIN_FIELDS:
        raise DatasetError(f"{path}: has {fields} fields a line; info.txt has at least 14")
    names = [f"field {number}" for number in range(fields)]
    for name, number in (("IMG_ID", _PHOTO), ("OwnerNSID", _OWNER), ("LON", _LON), ("LAT", _LAT)):
        names[number] = name
    return read_records(path, names)


DATASET: Final = Dataset(
    name="yfcc4k",
    title="YFCC4k",
    columns=Columns(
        id=("IMG_ID", "img_id"),
        file=("IMG_ID", "img_id", "path"),
        lat=("LAT", "latitude"),
        lon=("LON", "longitude"),
        licence=("LicenseName", "license"),
    ),
    rows=4536,
    licence="Creative Commons, another one for each photo (YFCC100M states it)",
    source=(
        "https://github.com/lugiavn/revisiting-im2gps",
        "https://github.com/gastruc/osv5m/blob/main/data/data.py",
    ),
    faults=(
        "info.txt has longitude before latitude and no head",
        "yfcc25600_places365.csv is another set (25,600 rows) and is linked as YFCC4k's table",
        "identifiers without .jpg in one copy and with it in another: both mean one photo",
    ),
    picture_suffix=".jpg",
    read=read_yfcc,
)
