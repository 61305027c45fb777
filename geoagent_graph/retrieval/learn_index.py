"""What an assembled index learns of places, and writing it with that."""

from collections.abc import Callable
from pathlib import Path

from geoagent_graph.retrieval.assemble_index import Assembly
from geoagent_graph.retrieval.index_format import IndexManifest
from geoagent_graph.retrieval.learn_places import learn_places
from geoagent_graph.retrieval.place_vectors import PlaceVectors
from geoagent_graph.retrieval.shard_folder import Learnt, save_shards


def learn_and_save(
    target: Path,
    assembly: Assembly,
    places: PlaceVectors | None,
    on_stage: Callable[[str], object],
) -> tuple[IndexManifest, str]:
    """Write an index with what it learns of places; return its manifest, and a line about that.

    `places` are the vectors that places are learnt from, None for those of the search. The caller
    is inside `lock_index(target)`. Whatever stops this, the old index stays what it was.

    Raises:
        ReferenceIndexError: a shard that is learnt from is damaged.
        StorageError: disk full, read-only folder, ...
    """
    classifier, said = learn_places(assembly.vectors, assembly.rows(), on_stage, places)
    return save_shards(target, assembly.pieces, Learnt(classifier, places)), said
