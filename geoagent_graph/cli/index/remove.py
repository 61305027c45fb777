"""`geoagent index remove`: photos leave an index."""

from typing import Annotated

import typer

from geoagent_graph.cli.index.options import FolderArgument, JsonOption, write_json
from geoagent_graph.cli.streams import write_note, write_result
from geoagent_graph.safe_text import visible


def remove(
    folder: FolderArgument,
    ids: Annotated[
        list[str] | None,
        typer.Option("--id", metavar="ID", help="This photo; may be given several times."),
    ] = None,
    licenses: Annotated[
        list[str] | None,
        typer.Option("--license", metavar="TEXT", help="All photos under this licence."),
    ] = None,
    sources: Annotated[
        list[str] | None,
        typer.Option(
            "--source", metavar="URL", help="All photos from this address; URL* from below it."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Take photos out of an index, with all that it keeps and has learnt of them."""
    from geoagent_graph.retrieval.index_removal import RemovalChoice, remove_from_index

    choice = RemovalChoice(frozenset(ids or ()), frozenset(licenses or ()), tuple(sources or ()))
    if choice == RemovalChoice():
        raise typer.BadParameter("say which photos go: --id, --license or --source")
    report = remove_from_index(folder, choice, write_note)
    count = report.manifest.count
    if as_json:
        fields = {"index": str(folder), "removed": report.removed, "count": count}
        write_json(fields | {"learnt": report.learnt})
        return
    gone = "1 photo" if report.removed == 1 else f"{report.removed} photos"
    write_result(f"{visible(str(folder))}: removed {gone}; it holds {count}\n")
