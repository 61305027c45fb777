"""The shapes in which predictions are published, and how the records of each are read.

Looked up in the authors' code:

* table: one row a photo. GeoEstimation (img_id, gt_lat, pred_lat, gt_long, pred_long), G3 and
  GeoRanker (IMG_ID and predicted columns), GeoCLIP and PIGEON exports (top points).
* json: a list, lines, or an object by photo. IMAGEO-Bench
  (https://github.com/Lingyao1219/benchmark-reverse-geocoding: image_file, raw_response,
  location_info), GeoAgent (https://github.com/HVision-NKU/GeoAgent: image, raw_response with
  "FinalAnswer": "Country; Region; Place"), GeoVista (https://github.com/ekonwang/GeoVista: uid,
  pred_output as messages that end with <answer>), GeoReasoner
  (https://github.com/lingli1996/GeoReasoner: {'country': '', 'city': ''}), VLM-GeoPrivacyBench
  (https://github.com/99starman/VLM-GeoPrivacyBench: an object of lat and lng by photo).
* geojson: features with a point.
* inspect: a log of Inspect AI, as JSON or `.eval`.
* lmms-eval: lines of its `--log_samples`.
"""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from geoagent_evaluation.datasets.records import Record, read_records
from geoagent_evaluation.errors import DatasetError

MAX_SAMPLE_BYTES: Final = 1 << 26
MAX_SAMPLES: Final = 1_000_000


def records_of(path: Path, name: str) -> Iterator[Record]:
    """Yield the records of a file in a format; "auto" goes by what the file is called and holds."""
    if path.suffix.lower() == ".eval":
        name = "inspect"
    return FORMATS.get(name, _any_records)(path)


def _any_records(path: Path) -> Iterator[Record]:
    return map(_without_prompt, read_records(path))


def _lmms_records(path: Path) -> Iterator[Record]:
    """Yield samples with the document's id and the replies alone."""
    for record in read_records(path):
        values = record.values
        document = values.get("doc")
        names = ("filtered_resps", "resps", "doc_id")
        kept: dict[str, Any] = {name: values[name] for name in names if name in values}
        if "resps" not in values and "filtered_resps" not in values:
            raise DatasetError(f"{path}, row {record.row}: has no resps; is it from --log_samples?")
        yield Record(record.row, {**kept, "doc": document if isinstance(document, dict) else {}})


def _inspect_records(path: Path) -> Iterator[Record]:
    """Yield the samples of a log; only the id and the model's output are kept of each."""
    if path.suffix.lower() == ".eval":
        yield from map(_without_prompt, _zipped_samples(path))
    else:
        yield from map(_without_prompt, read_records(path))


def _without_prompt(record: Record) -> Record:
    """Return a sample of Inspect with its id and output; any other record as it is."""
    if {"id", "output", "target"} <= record.values.keys():
        return Record(record.row, {key: record.values[key] for key in ("id", "output", "error")
                                   if key in record.values})  # fmt: skip
    return record


def _zipped_samples(path: Path) -> Iterator[Record]:
    if not path.is_file():
        raise DatasetError(f"{path}: there is no such file")
    try:
        with zipfile.ZipFile(path) as log:
            names = [one for one in log.infolist() if one.filename.startswith("samples/")]
            if len(names) > MAX_SAMPLES:
                raise DatasetError(f"{path}: has more than {MAX_SAMPLES} samples")
            for row, member in enumerate(names, 1):
                yield Record(row, _sample(log, member, path, row))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise DatasetError(
            f"{path}: is no log that can be unpacked here; write it as JSON: inspect log convert "
            f"{path.name} --to json --output-dir logs"
        ) from error


def _sample(log: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, row: int) -> dict[str, Any]:
    with log.open(member) as file:
        text = file.read(MAX_SAMPLE_BYTES + 1)
    if len(text) > MAX_SAMPLE_BYTES:
        raise DatasetError(f"{path}, row {row}: has more than {MAX_SAMPLE_BYTES} bytes")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path}, row {row}: is not JSON") from error
    if not isinstance(found, dict):
        raise DatasetError(f"{path}, row {row}: is no sample")
    return found


FORMATS: Final[dict[str, Callable[[Path], Iterator[Record]]]] = {
    "table": read_records,
    "json": read_records,
    "geojson": read_records,
    "inspect": _inspect_records,
    "lmms-eval": _lmms_records,
}
