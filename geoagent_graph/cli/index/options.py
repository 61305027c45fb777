"""The options that several commands of `geoagent index` have, and how they answer."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from geoagent_graph.cli.streams import write_result

EXPLAINED = "Exit status: 0 done; 1 nothing could be indexed, or a failure; 2 wrong usage."

ManifestArgument = Annotated[
    Path,
    typer.Argument(
        metavar="PHOTOS",
        help="A folder of photos whose files, or tables beside them, say where they were taken; a "
        "table (.jsonl, .csv, .parquet): `file` (relative to its folder and inside it), `lat` and "
        "`lon` (also `latitude`, `longitude`, `lng`); may have `id`, `country` (a code or a name), "
        "`license`, `attribution`, `source_url`, `cluster_id`; or an export of Mapillary or "
        "Panoramax (.json, .geojson) beside its photos.",
    ),
]
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="An index folder.")]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Stop at the first bad row instead of skipping it.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
EngineOption = Annotated[
    Literal["local", "ray"],
    typer.Option(
        help="Where photos are embedded. `local`: on this machine. `ray`: Ray (extra `ray`)."
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=4096,
        help="Processes that embed; else this one, in two threads. `ray`: one for each CPU.",
    ),
]


def country_codes(given: list[str] | None) -> frozenset[str] | None:
    """Return the codes of `--country` in capitals; None where none was given."""
    codes = [code.strip().upper() for code in given or ()]
    for code in codes:
        if not (len(code) == 2 and code.isascii() and code.isalpha()):
            raise typer.BadParameter(f"--country {code}: give a two-letter code such as PT.")
    return frozenset(codes) if codes else None


def write_json(value: Any) -> None:
    """Print JSON as the result."""
    write_result(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
