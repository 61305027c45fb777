"""The files in the folder of a run, by name."""

import hashlib
import re
from pathlib import Path

PREDICTIONS = "predictions.jsonl"
TRUTH = "truth.jsonl"
EVIDENCE = "evidence.jsonl"
OBSERVATIONS = "observations.jsonl"
RUN = "run.json"
TRACES = "traces"
BASELINES = "baselines"

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}")


def trace_file(folder: Path, photo_id: str) -> Path:
    """Return where the trace of a photo lies: `traces/ID.json`.

    An id that is no plain name of a file (or may meet another's in another case) has a part of its
    SHA-256 in place of what is not plain, so that no id leaves the folder.
    """
    plain = _PLAIN_NAME.fullmatch(photo_id) and photo_id == photo_id.lower()
    if plain:
        return folder / TRACES / f"{photo_id}.json"
    kept = re.sub(r"[^A-Za-z0-9_-]+", "_", photo_id).strip("_")[:40]
    digest = hashlib.sha256(photo_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return folder / TRACES / f"{kept}-{digest}.json"
