"""`geoagent index info` and `index search`: what an index holds, and what is like a photo."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geoagent_graph.cli.index import tools
from geoagent_graph.cli.index.options import (
    FolderArgument,
    JsonOption,
    country_codes,
    write_json,
)
from geoagent_graph.cli.streams import write_note, write_result
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
    from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder
    from geoagent_graph.types import Reference


def info(folder: FolderArgument, as_json: JsonOption = False) -> None:
    """Check every byte of an index and say what it holds."""
    from geoagent_graph.retrieval.faiss_retriever import (
        FaissRetriever,
        check_keypoints,
        load_place_vectors,
    )

    retriever = FaissRetriever.load(folder, encoder=None)
    load_place_vectors(folder, retriever.manifest)
    check_keypoints(folder, retriever.manifest)
    fields = _info_fields(folder, retriever)
    if as_json:
        write_json(fields)
        return
    countries = fields.pop("countries")
    named = ", ".join(f"{code or 'unknown'} {count}" for code, count in countries.items())
    lines = [f"{name:<12} {visible(str(value))}" for name, value in fields.items()]
    write_result("\n".join([*lines, f"{'countries':<12} {len(countries)}: {named}"]) + "\n")


def search(
    folder: FolderArgument,
    photo: Annotated[str, typer.Argument(metavar="PHOTO", help="A photo; - reads stdin.")],
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many to list.")] = 10,
    country: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Only this country, as PT; may be given several times."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the reference photos that look most like a photo, the most similar first."""
    from geoagent_graph.retrieval.faiss_retriever import FaissRetriever

    codes = country_codes(country)
    embedder = tools.open_embedder(tools.open_own_encoder(folder))
    retriever = FaissRetriever.load(folder, embedder.encoder)
    found = retriever.search(_read_pixels(photo, embedder), k, codes)
    if codes is not None and (missing := sorted(codes - retriever.country_counts().keys())):
        write_note(f"{folder}: holds no photo from {', '.join(missing)}")
    if as_json:
        write_json([reference.model_dump(mode="json") for reference in found])
    else:
        write_result("".join(_reference_line(reference) for reference in found))


def _info_fields(folder: Path, retriever: "FaissRetriever") -> dict[str, Any]:
    from geoagent_graph.retrieval.learn_places import describe_skill

    manifest, classifier = retriever.manifest, retriever.classifier
    skill = classifier.skill if classifier is not None else None
    inner = retriever.table.shards if manifest.shards is not None else ()
    return {
        "index": str(folder),
        "count": manifest.count,
        "encoder_id": manifest.encoder_id,
        "dimension": manifest.dimension,
        "metric": manifest.metric,
        "index_kind": manifest.index_kind,
        "format": manifest.format_version,
        "created": manifest.created,
        "bytes": manifest.size_bytes + sum(shard.manifest.size_bytes for shard in inner),
        "learnt": describe_skill(skill, is_kept=True) if skill else "no places",
        "keypoints": "kept" if retriever.keypoints is not None else "not kept",
        "countries": retriever.country_counts(),
    }


def _read_pixels(photo: str, embedder: "PhotoEmbedder") -> "NDArray[np.uint8]":
    from geoagent_graph.cli.photos import photo_label, read_photos
    from geoagent_graph.images.source import read_file

    source = read_photos([photo], embedder.max_bytes)[0]
    data = source if isinstance(source, bytes) else read_file(source, embedder.max_bytes)
    return embedder.decode(data, photo_label(photo))


def _reference_line(reference: "Reference") -> str:
    position = f"{reference.lat_deg:.4f},{reference.lon_deg:.4f}"
    whose = " · ".join(text for text in (reference.license, reference.attribution) if text)
    return (
        f"{reference.score:6.3f}  {reference.country_code or '--'}  {position:<20} "
        f"{_points_text(reference)}{visible(reference.id)}  {visible(whose, 100)}\n"
    )


def _points_text(reference: "Reference") -> str:
    """Return how many points match, where that was looked at."""
    points = reference.matching_points
    return "" if points is None else f"{points:4d} points  "
