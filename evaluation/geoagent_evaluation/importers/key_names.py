"""What the keys of other people's records mean, whatever case and marks they are written with."""

import re
from collections.abc import Mapping
from typing import Any, Final

_MARKS: Final = re.compile(r"[^a-z0-9]")
_LATITUDES: Final = ("latitude", "lat", "latdeg")
_LONGITUDES: Final = ("longitude", "lon", "lng", "long", "londeg")
_PREDICTED: Final = (
    "predicted", "prediction", "predict", "pred", "estimated", "est", "guessed", "guess", "model",
    "output", "top1", "answer", "final", "llm",
)  # fmt: skip
# Where a reply or a prediction lies in a record, the surest first.
ANSWERS: Final = (
    "predictions", "prediction", "pred", "predicted", "predictedlocation", "predlocation", "guess",
    "locationinfo", "reversegeocoding", "finalanswer", "answer", "filteredresps", "resps",
    "predoutput", "modeloutput", "modelresponse", "parsedresponse", "output", "response",
    "rawresponse", "rawoutput", "reply", "completion", "generatedtext", "generation", "choices",
)  # fmt: skip
# Words that may be a reply, where no coordinates stand beside them.
MAYBE_ANSWERS: Final = ("message", "content", "text", "result")
QUESTIONS: Final = frozenset(("prompt", "question", "query", "input", "system", "target", "error"))
POINTS: Final = (
    "coordinates", "coordinate", "coords", "latlon", "latlng", "latlong", "gps", "point",
    "geometry", "location", "position", "predgps", "predcoord", "predcoords",
    "predictedcoordinates", "predictedgps", "gpspred", "toppredgps",
)  # fmt: skip
PROBABILITIES: Final = ("probability", "prob", "probabilities", "probs", "toppredprob", "predprob")
IDENTIFIERS: Final = (
    "id", "imageid", "imgid", "photoid", "uid", "imagefile", "imagename", "imgname", "imagepath",
    "imgpath", "image", "img", "file", "filename", "filepath", "path", "photo", "sampleid",
    "panoid", "key", "name",
)  # fmt: skip


def plain_keys(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record by its keys in lower case without marks; the first of two alike counts."""
    plain: dict[str, Any] = {}
    for key, value in record.items():
        plain.setdefault(_MARKS.sub("", str(key).casefold()), value)
    return plain


def predicted_pair(plain: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """Return latitude and longitude of keys that say they are predicted (pred_lat, lon_guess)."""
    lat = _predicted(plain, _LATITUDES)
    lon = _predicted(plain, _LONGITUDES)
    return None if lat is None or lon is None else (plain[lat], plain[lon])


def plain_pair(plain: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """Return what stands under latitude and longitude without another word."""
    lat = next((name for name in _LATITUDES if name in plain), None)
    lon = next((name for name in _LONGITUDES if name in plain), None)
    return None if lat is None or lon is None else (plain[lat], plain[lon])


def _predicted(plain: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    wanted = {f"{word}{name}" for word in _PREDICTED for name in names}
    wanted |= {f"{name}{word}" for word in _PREDICTED for name in names}
    return next((key for key in plain if key in wanted), None)
