"""`geoagent index merge`: several indexes become one."""

from pathlib import Path
from typing import Annotated

import typer

from geoagent_graph.cli.index.options import JsonOption, write_json
from geoagent_graph.cli.streams import write_note, write_result
from geoagent_graph.safe_text import visible


def merge(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Index folders.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The index folder; replaced if it is one.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Make one index of several that the same encoder made; the same photo comes in once.

    Large shards are linked or copied as they are.
    """
    from geoagent_graph.retrieval.index_merge import merge_indexes

    report = merge_indexes(folders, out, write_note)
    count = report.manifest.count
    if as_json:
        write_json(
            {
                "index": str(out),
                "count": count,
                "same_photo": report.same_photo,
                "same_id": report.same_id,
                "learnt": report.learnt,
            }
        )
        return
    for name in report.same_id:
        write_note(f"left out: {visible(name)}, another photo of an earlier index has this id")
    known = f"; {report.same_photo} came in once" if report.same_photo else ""
    write_result(f"{visible(str(out))}: it holds {count} photos{known}\n")
