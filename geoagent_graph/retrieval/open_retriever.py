"""Opens the retriever that was asked for: a plug-in by name, or the reference index of a folder.

A plug-in of the group `geoagent_graph.retrievers` names a function that gets the settings and the
folder given as `--index`, None without one, and returns its `Retriever`.
"""

from pathlib import Path
from typing import Final

from geoagent_graph.plugins import open_plugin
from geoagent_graph.protocols import Retriever
from geoagent_graph.settings import Settings

_GROUP: Final = "geoagent_graph.retrievers"


def open_retriever(
    settings: Settings, *, index: Path | None = None, name: str | None = None
) -> Retriever | None:
    """Return the retriever of a plug-in, or of an index folder; None where neither is given.

    Args:
        settings: the settings of the process.
        index: a folder made by `geoagent index build`, or what the plug-in takes.
        name: a plug-in of `geoagent_graph.retrievers`.

    Raises:
        InputError: there is no such plug-in, or it fails.
        ReferenceIndexError: the index is missing, damaged, newer or made by another encoder.
    """
    if name is not None:
        retriever: Retriever = open_plugin(_GROUP, name, settings, index)
        return retriever
    if index is None:
        return None
    from geoagent_graph.perception.visual_encoder import open_visual_encoder
    from geoagent_graph.retrieval.faiss_retriever import FaissRetriever

    return FaissRetriever.load(index, open_visual_encoder(settings))
