"""Clues from what the perception tools return."""

import base64
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.file_claims import FileClaims, NamedLocation
from geoagent_graph.protocols import Geocell, GeocellScore, TextLine
from geoagent_graph.types import MAX_CLUE_CHARS, Clue, clue_id

MAX_TEXT_CLUES = 200
UNCLEAR = "a shape like writing that no recogniser can read"
_MAX_SHOWN_CELLS = 3


def text_clues(lines: Sequence[TextLine]) -> list[Clue]:
    """Return one `text` clue per line that was read, at most `MAX_TEXT_CLUES`.

    A box whose script no installed recogniser covers becomes a `script` clue without its text.
    """
    clues = []
    for line in lines[:MAX_TEXT_CLUES]:
        box = line.box
        where = f"{box.left:.4f},{box.top:.4f},{box.right:.4f},{box.bottom:.4f}"
        attributes = {"recogniser": line.recogniser}
        if line.script:
            attributes["script"] = line.script
        if line.language:
            attributes["language"] = line.language
            attributes["language_confidence"] = f"{line.language_confidence:.3f}"
        kind = "text" if line.readable else "script"
        text = line.text if line.readable else line.unread or UNCLEAR
        clues.append(
            Clue(
                id=clue_id(kind, text, where),
                kind=kind,
                text=text[:MAX_CLUE_CHARS],
                source=f"text_reader:{line.recogniser}",
                box=box,
                confidence=min(1.0, max(0.0, line.confidence)),
                attributes=attributes,
            )
        )
    return clues


def reading_warnings(lines: Sequence[TextLine]) -> list[str]:
    """Return what an answer must say of text that was found and not read, each once."""
    return list(dict.fromkeys(line.unread for line in lines if line.unread))


def file_claim_clues(claims: FileClaims) -> list[Clue]:
    """Return the claims of the file as clues that say they are claims."""
    clues = []
    if claims.lat_deg is not None and claims.lon_deg is not None:
        position = {"lat_deg": f"{claims.lat_deg:.6f}", "lon_deg": f"{claims.lon_deg:.6f}"}
        clues.append(
            Clue(
                id=clue_id("exif_position", *position.values()),
                kind="exif_position",
                text=f"the file claims {claims.lat_deg:.4f}, {claims.lon_deg:.4f}",
                source="exif_reader",
                attributes=position | _quality_attributes(claims),
            )
        )
    others = {
        "taken_at": claims.taken_at,
        "utc_offset": claims.utc_offset,
        "camera": claims.camera,
        "software": claims.software,
    }
    for key, value in others.items():
        if value:
            clues.append(
                Clue(
                    id=clue_id("exif_other", key, value),
                    kind="exif_other",
                    text=f"the file claims {key.replace('_', ' ')}: {value}"[:MAX_CLUE_CHARS],
                    source="exif_reader",
                    attributes={key: value},
                )
            )
    return clues + _location_clues(claims.location)


def _location_clues(location: NamedLocation | None) -> list[Clue]:
    """Return the place that the file names as one clue; none where it names none."""
    if location is None:
        return []
    said = {name: value for name, value in asdict(location).items() if value}
    words = [value for name, value in said.items() if name != "country_code" or len(said) == 1]
    return [
        Clue(
            id=clue_id("file_place", *said.values()),
            kind="file_place",
            text=f"the file claims the place: {', '.join(words)}"[:MAX_CLUE_CHARS],
            source="exif_reader",
            attributes=said,
        )
    ]


def geocell_clues(scores: Sequence[GeocellScore], classifier_id: str) -> list[Clue]:
    """Return one clue of how the photo looks; none where nothing was scored.

    Its attributes `countries` ("PT=0.52 ES=-0.3") and `boxes` ("-90,-180,12.5,30=0.52 ...", south,
    west, north, east in degrees) hold log P(photo | cell) up to a constant.
    """
    if not scores:
        return []
    best = sorted(scores, key=lambda score: -score.log_likelihood)[:_MAX_SHOWN_CELLS]
    shown = "; ".join(_cell_words(score.cell) for score in best)
    attributes = {"classifier": classifier_id[:MAX_CLUE_CHARS], "countries": "", "boxes": ""}
    for score in scores:
        kind = "countries" if score.cell.box is None else "boxes"
        attributes[kind] += f"{_cell_key(score.cell)}={score.log_likelihood:g} "
    return [
        Clue(
            id=clue_id("geocells", *attributes.values()),
            kind="geocells",
            text=f"looks most like the reference photos from {shown}",
            source="place_classifier",
            attributes=attributes,
        )
    ]


def photo_embedding_clue(embedding: NDArray[np.float32], places_id: str) -> Clue:
    """Return what a model that sees made of the photo, in half precision, as a clue.

    Its attribute `embedding` is base64 of little-endian float16, `model` the name of the weights.
    """
    text = base64.b64encode(embedding.astype("<f2").tobytes()).decode("ascii")
    return Clue(
        id=clue_id("photo_embedding", places_id, text),
        kind="photo_embedding",
        text=f"the photo as {embedding.size} numbers of {places_id}"[:MAX_CLUE_CHARS],
        source="photo_places",
        attributes={"model": places_id[:MAX_CLUE_CHARS], "embedding": text},
    )


def _cell_key(cell: Geocell) -> str:
    return cell.country_code if cell.box is None else ",".join(f"{side:g}" for side in cell.box)


def _cell_words(cell: Geocell) -> str:
    if cell.box is None:
        return cell.country_code
    south, west, north, east = cell.box
    return f"{_side(south, 'NS')} to {_side(north, 'NS')}, {_side(west, 'EW')} to " + (
        _side(east, "EW")
    )


def _side(degrees: float, names: str) -> str:
    return f"{abs(degrees):.0f}° {names[0] if degrees >= 0 else names[1]}"


def _quality_attributes(claims: FileClaims) -> dict[str, str]:
    """Return what the file says of how good its position is, only what it does say."""
    said = {}
    if claims.error_m is not None:
        said["error_m"] = f"{claims.error_m:.2f}"
    if claims.void:
        said["void"] = "true"
    if claims.age_seconds is not None:
        said["age_seconds"] = f"{claims.age_seconds:.0f}"
    return said
