"""The photos of a manifest and what is known of where they were taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoagent_evaluation.errors import ContractError
from geoagent_graph.retrieval.manifest_fields import BadField, CodesOf, RowFields
from geoagent_graph.retrieval.manifest_rows import RowProblem, read_row_fields

MAX_ID_CHARS = 200
_DEGREES = {"lat_deg": "lat_deg", "lon_deg": "lon_deg"}
_TRUTH_TEXTS = {
    "region_code": "region",
    "region": "region",
    "city": "city",
    "permitted_level": "permitted_level",
    "locatability": "locatability",
    "kind": "kind",
}
"""Fields of a row that go into the truth, and as what; the first that says something counts."""


@dataclass(frozen=True, slots=True)
class ManifestPhoto:
    """One photo: its id, its file, and the row of its truth; None where nothing is known."""

    id: str
    path: Path
    truth: Mapping[str, Any] | None


def read_photos(manifest: Path, codes_of: CodesOf) -> list[ManifestPhoto]:
    """Return the photos of a manifest (JSON Lines or a table), in its order.

    A row without an id is called by its file. A row needs neither a position nor a country.

    Args:
        manifest: the file; photos lie in its folder or below.
        codes_of: names the countries that a name or a code of three letters may mean.

    Raises:
        ContractError: a row is no row, its position is no position, or an id comes twice.
        InputError: the manifest is missing or cannot be read.
    """
    photos: list[ManifestPhoto] = []
    lines: dict[str, int] = {}
    for line, fields in read_row_fields(manifest):
        if isinstance(fields, RowProblem):
            raise ContractError(f"{manifest}, line {line}: {fields.problem}")
        try:
            photo = _photo_of(fields, manifest.parent, codes_of)
        except BadField as error:
            raise ContractError(f"{manifest}, line {line}, {error}") from error
        if photo.id in lines:
            raise ContractError(
                f"{manifest}, line {line}, id: {photo.id!r} is the id of line {lines[photo.id]} "
                "too; give every photo its own"
            )
        lines[photo.id] = line
        photos.append(photo)
    if not photos:
        raise ContractError(f"{manifest}: lists no photos; it needs one row for each, with `file`")
    return photos


def _photo_of(fields: RowFields, folder: Path, codes_of: CodesOf) -> ManifestPhoto:
    file = fields.read_file()
    name = fields.read_id() or file
    if len(name) > MAX_ID_CHARS:
        raise BadField(f"id: is longer than {MAX_ID_CHARS} characters")
    return ManifestPhoto(name, folder / file, _truth_of(name, fields, codes_of))


def _truth_of(name: str, fields: RowFields, codes_of: CodesOf) -> dict[str, Any] | None:
    """Return the row of the truth file; None where neither position nor country is known."""
    row: dict[str, Any] = {"id": name}
    if any(fields.has(field) for field in _DEGREES):
        row |= {field: fields.read_degrees(field) for field in _DEGREES}
    country = fields.read_country(codes_of)
    if country:
        row["country"] = country
    if len(row) == 1:
        return None
    texts = {"licence": fields.read_text("license"), "cluster": fields.read_text("cluster_id")}
    for field, meant in _TRUTH_TEXTS.items():
        value = fields.row.get(field)
        named = isinstance(value, str) and value and "(" not in value  # else a remark, no name
        if named and not texts.get(meant):
            texts[meant] = str(value)
    plain = {field: text.strip()[:MAX_ID_CHARS] for field, text in texts.items()}
    return row | {field: text for field, text in plain.items() if text and text.isprintable()}
