"""`geoagent index build` and `geoagent index add`: photos become an index, or join one."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from geoagent_graph.cli.index import tools
from geoagent_graph.cli.index.options import (
    EngineOption,
    FolderArgument,
    JsonOption,
    ManifestArgument,
    StrictOption,
    WorkersOption,
)
from geoagent_graph.cli.index.plan import (
    DEFAULT_MEMORY_GB,
    MemoryOption,
    build_of_vectors,
    plan_photos,
)
from geoagent_graph.cli.index.reports import index_photos


def build(
    manifest: ManifestArgument,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The index folder; replaced if it is one.")
    ],
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What compares photos: `efficientnet-lite` (the default), `clip`, `siglip2`, "
            "`dinov2`, `geoclip`, or a folder of such weights; `geoagent weights` pulls them.",
        ),
    ] = None,
    keypoints: Annotated[
        bool,
        typer.Option(
            "--keypoints",
            help="Keep local features too, 53 kB a photo: a search then tells where a hit shows "
            "the same place.",
        ),
    ] = False,
    vectors: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="PHOTOS is a Parquet table of references whose embeddings, by the same encoder, "
            "are in this column; `id` is needed, files are not.",
        ),
    ] = None,
    engine: EngineOption = "local",
    workers: WorkersOption = None,
    memory_gb: MemoryOption = DEFAULT_MEMORY_GB,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what kind of index it would be and its cost.")
    ] = False,
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Build an index of the photos of a folder, or of those that a table lists.

    What has no position is listed and skipped, as bad rows are. Stopped half-way, the same command
    goes on where it was.
    """
    from geoagent_graph.retrieval.index_build import build_index

    if vectors is not None:
        if engine != "local" or workers is not None:
            raise typer.BadParameter("--vectors: nothing is embedded; no --engine and --workers")
        build_of_vectors(manifest, vectors, out, encoder, memory_gb, dry_run, as_json)
        return
    if dry_run:
        plan_photos(manifest, tools.open_chosen_encoder(encoder).dimension, as_json)
        return
    embedder = tools.open_embedder(tools.open_chosen_encoder(encoder))
    opener = tools.opener_of_name(encoder)
    embed = tools.embed_with(engine, workers, opener, embedder.encoder)
    index_photos(
        lambda job: build_index(manifest, out, replace(job, keypoints=keypoints, engine=embed)),
        embedder,
        manifest,
        out,
        strict,
        as_json,
    )


def add(
    folder: FolderArgument,
    manifest: ManifestArgument,
    engine: EngineOption = "local",
    workers: WorkersOption = None,
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Add photos to an index; those whose id it has already are skipped and counted."""
    from geoagent_graph.retrieval.index_build import add_to_index

    embedder = tools.open_embedder(tools.open_own_encoder(folder))
    embed = tools.embed_with(engine, workers, tools.opener_of_index(folder), embedder.encoder)
    index_photos(
        lambda job: add_to_index(folder, manifest, replace(job, engine=embed)),
        embedder,
        manifest,
        folder,
        strict,
        as_json,
    )
