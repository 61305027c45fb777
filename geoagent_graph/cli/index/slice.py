"""`geoagent index slice`: the part of an index that lies in some countries."""

from pathlib import Path
from typing import Annotated

import typer

from geoagent_graph.cli.index.options import (
    FolderArgument,
    JsonOption,
    country_codes,
    write_json,
)
from geoagent_graph.cli.streams import write_note, write_result
from geoagent_graph.safe_text import visible


def cut_slice(
    folder: FolderArgument,
    country: Annotated[
        list[str],
        typer.Option(metavar="CODE", help="This country, as PT; may be given several times."),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The index folder; replaced if it is one.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Make an index of those photos of another that were taken in some countries."""
    from geoagent_graph.retrieval.index_slice import slice_index

    codes = country_codes(country) or frozenset()
    report = slice_index(folder, codes, out, write_note)
    count = report.manifest.count
    if as_json:
        write_json({"index": str(out), "count": count, "learnt": report.learnt})
        return
    held = "1 photo" if count == 1 else f"{count} photos"
    write_result(f"{visible(str(out))}: it holds {held} of {', '.join(sorted(codes))}\n")
