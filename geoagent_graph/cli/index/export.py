"""`geoagent index export`: an index as a LanceDB gallery, on a disk or on object storage."""

from typing import Annotated

import typer

from geoagent_graph.cli.index.options import FolderArgument, JsonOption, write_json
from geoagent_graph.cli.streams import write_result
from geoagent_graph.safe_text import visible


def export(
    folder: FolderArgument,
    lance: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="A folder, or s3://, gs://, az:// and a path there."),
    ],
    as_json: JsonOption = False,
) -> None:
    """Write an index as a LanceDB gallery; `locate --retriever lancedb --index ADDRESS` asks it."""
    from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
    from geoagent_graph.retrieval.lance_retriever import export_to_lance, import_lancedb

    import_lancedb()  # before the index is read
    count = export_to_lance(FaissRetriever.load(folder, encoder=None), lance)
    if as_json:
        write_json({"gallery": lance, "count": count})
        return
    write_result(f"{visible(lance)}: it holds {count} photos\n")
