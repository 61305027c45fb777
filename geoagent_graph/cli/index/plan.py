"""`geoagent index plan`, and building from embeddings: which kind of index, at what cost."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geoagent_graph.cli.index import tools
from geoagent_graph.cli.index.options import JsonOption, write_json
from geoagent_graph.cli.streams import write_note, write_result
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.retrieval.index_plan import IndexPlan

DEFAULT_MEMORY_GB: Final = 1.5
MemoryOption = Annotated[
    float,
    typer.Option(
        "--memory",
        metavar="GB",
        min=0.01,
        help="Memory that a search may take; where bytes would take more than half of it, the "
        "vectors stay in files, as compressed codes with the exact ones beside them.",
    ),
]


def plan(
    count: Annotated[int, typer.Argument(metavar="PHOTOS", min=1, help="How many photos.")],
    dimension: Annotated[
        int, typer.Option(metavar="N", min=1, max=65_536, help="Numbers in a vector.")
    ] = 256,
    memory_gb: MemoryOption = DEFAULT_MEMORY_GB,
    as_json: JsonOption = False,
) -> None:
    """Say what kind of index suits so many photos, and what it costs in time, disk and memory.

    The time is extrapolated from what was measured with 256 numbers; embedding comes on top.
    """
    from geoagent_graph.retrieval.index_plan import plan_index

    _write_plan(plan_index(count, dimension, 1e9 * memory_gb), as_json)


def plan_photos(source: Path, dimension: int, as_json: bool) -> None:
    """Print what an index of the photos of a source would be; those without a position count not.

    Raises:
        InputError: the source cannot be read, or no photo in it has a position.
    """
    import functools

    from geoagent_graph.errors import InputError
    from geoagent_graph.images.exif import read_claims_at
    from geoagent_graph.retrieval.index_plan import plan_index
    from geoagent_graph.retrieval.manifest_rows import ManifestRow
    from geoagent_graph.retrieval.source_rows import read_source_rows
    from geoagent_graph.settings import load_settings

    claims_of = functools.partial(read_claims_at, settings=load_settings())
    rows = read_source_rows(source, claims_of, tools.open_codes_of())
    count = sum(isinstance(row, ManifestRow) for row in rows)
    if not count:
        raise InputError(f"{source}: no photo in it has a position.")
    _write_plan(plan_index(count, dimension, math.inf), as_json)


def build_of_vectors(
    table: Path,
    column: str,
    out: Path,
    encoder: str | None,
    memory_gb: float,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Build an index of embeddings, or say what it would be, and print what came of it.

    Raises:
        InputError: the table cannot be read, or its vectors are not of the encoder's length.
    """
    from geoagent_graph.errors import InputError
    from geoagent_graph.retrieval.build_from_vectors import build_from_vectors, plan_of
    from geoagent_graph.retrieval.vector_rows import VectorTable

    made_by = tools.open_chosen_encoder(encoder)
    vectors = VectorTable(table, column, tools.open_country_of())
    planned = plan_of(vectors, int(1e9 * memory_gb))
    if planned.dimension != made_by.dimension:
        raise InputError(
            f"{table}: its vectors have {planned.dimension} numbers, those of "
            f"{made_by.encoder_id} {made_by.dimension}; name their encoder with --encoder."
        )
    if dry_run:
        _write_plan(planned, as_json)
        return
    write_note(planned.describe())
    report = build_from_vectors(vectors, made_by.encoder_id, out, int(1e9 * memory_gb), write_note)
    manifest = report.manifest
    if as_json:
        fields = {"index": str(out), "count": manifest.count, "same": report.same}
        write_json(fields | {"index_kind": report.plan.kind, "learnt": report.learnt})
        return
    known = f"; {report.same} rows were there before" if report.same else ""
    write_result(
        f"{visible(str(out))}: it holds {manifest.count} photos ({report.plan.kind}){known}\n"
    )


def _write_plan(plan: "IndexPlan", as_json: bool) -> None:
    if as_json:
        write_json(asdict(plan))
    else:
        write_result(f"{plan.describe()}\n")
