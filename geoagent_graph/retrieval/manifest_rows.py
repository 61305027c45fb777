"""Rows of a MANIFEST.jsonl: which photos to index, where they were taken, whose they are.

Each line is a JSON object with `file` and a position, `lat_deg`/`lon_deg` or `lat`/`lon`; `id`,
`country` (or `country_code`), `license`, `attribution`, `source_url` and `cluster_id` may be there,
anything else is ignored. `file` is relative to the manifest's folder and may not leave it: a
manifest that came from elsewhere must not reach other files of this machine. A link inside that
folder is followed, because whoever owns the folder made it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from geoagent_graph.errors import InputError
from geoagent_graph.retrieval.reference_table import MAX_TEXT_CHARS

MAX_LINE_BYTES = 1_000_000
MAX_ID_CHARS = 200


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """A photo to index; `id` is None where the manifest gives none, `country_code` empty."""

    line: int
    path: Path
    id: str | None
    lat_deg: float
    lon_deg: float
    country_code: str
    license: str
    attribution: str
    source_url: str
    cluster_id: str


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was skipped: the file it is about, its line in the manifest, and why."""

    file: str
    line: int
    problem: str


def _upper_code(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value or ""


def _text_of_number(value: object) -> object:
    whole_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole_number else value


def _empty_for_none(value: object) -> object:
    return "" if value is None else value


_Id = Annotated[str, Field(min_length=1, max_length=MAX_ID_CHARS)]
_Text = Annotated[str, BeforeValidator(_empty_for_none), Field(max_length=MAX_TEXT_CHARS)]


class _Fields(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)

    file: Annotated[str, Field(min_length=1, max_length=4096)]
    id: Annotated[_Id | None, BeforeValidator(_text_of_number)] = None
    lat_deg: Annotated[
        float, Field(validation_alias=AliasChoices("lat_deg", "lat"), ge=-90.0, le=90.0)
    ]
    lon_deg: Annotated[
        float, Field(validation_alias=AliasChoices("lon_deg", "lon"), ge=-180.0, le=180.0)
    ]
    country_code: Annotated[
        str,
        BeforeValidator(_upper_code),
        Field(validation_alias=AliasChoices("country_code", "country"), pattern=r"^([A-Z]{2})?$"),
    ] = ""
    license: _Text = ""
    attribution: _Text = ""
    source_url: _Text = ""
    cluster_id: _Text = ""

    @field_validator("file", "id")
    @classmethod
    def _check_printable(cls, value: str | None) -> str | None:
        if value is not None and not value.isprintable():
            raise ValueError("has control characters")
        return value

    @field_validator("file")
    @classmethod
    def _check_inside(cls, value: str) -> str:
        path = Path(value)
        if path.anchor or ".." in path.parts:
            raise ValueError("leaves the manifest's folder; move the photo or the manifest")
        return value


def read_manifest_rows(manifest: Path) -> Iterator[ManifestRow | RowProblem]:
    """Yield each row of a manifest, or what is wrong with it; empty lines are passed over.

    Whether the photo exists is not looked at here.

    Raises:
        InputError: the manifest is missing or cannot be read.
    """
    try:
        with manifest.open("rb") as file:
            for number, line in _lines_with_numbers(file):
                if line.strip():
                    yield _parse_row(line, number, manifest)
    except FileNotFoundError as error:
        raise InputError(f"{manifest}: there is no such manifest; check the path.") from error
    except IsADirectoryError as error:
        raise InputError(
            f"{manifest}: is a folder; name the JSON Lines file that lists the photos."
        ) from error
    except OSError as error:
        raise InputError(f"{manifest}: cannot be read ({error.strerror}).") from error


def _lines_with_numbers(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        while len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES + 1)


def _parse_row(line: bytes, number: int, manifest: Path) -> ManifestRow | RowProblem:
    if len(line) > MAX_LINE_BYTES:
        return RowProblem("", number, f"the line is longer than {MAX_LINE_BYTES:,} bytes")
    try:
        row = _Fields.model_validate_json(line)
    except ValidationError as error:
        return RowProblem(_file_of(error), number, _first_fault(error))
    return ManifestRow(
        line=number,
        path=manifest.parent / row.file,
        id=row.id,
        lat_deg=row.lat_deg,
        lon_deg=-180.0 if row.lon_deg == 180.0 else row.lon_deg,
        country_code=row.country_code,
        license=row.license,
        attribution=row.attribution,
        source_url=row.source_url,
        cluster_id=row.cluster_id,
    )


def _file_of(error: ValidationError) -> str:
    """Return the `file` of a refused row where it can be told, for the message."""
    whole = next((e["input"] for e in error.errors() if isinstance(e["input"], dict)), {})
    named = [e["input"] for e in error.errors() if e["loc"] == ("file",)]
    file = named[0] if named else whole.get("file", "")
    return file if isinstance(file, str) else ""


def _first_fault(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    text = first["msg"].removeprefix("Value error, ")
    return f"{where}: {text}" if where else text
