"""`geoagent batch`: an archive of photos located in many processes, into shards."""

import dataclasses
import json
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.options import PolicyFlags, takes_policy_flags
from geoagent_graph.errors import InputError

if TYPE_CHECKING:
    from geoagent_graph.batch.run import BatchReport, BatchRequest

SERVED_IN_FLIGHT: Final = 32
_ONE_WORKER: Final = ("transformers",)  # each would load the model again

batch_app = typer.Typer(context_settings={"help_option_names": ["--help", "-h"]})


@batch_app.command(epilog=exit_codes.EXPLAINED)
@takes_policy_flags
def batch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="A folder (with those in it), a manifest (.parquet, .csv, .tsv, .jsonl) or a "
            ".tar of photos; a path, or a URL of a file system that fsspec knows.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the shards go; made if missing.")
    ],
    flags: PolicyFlags,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(help="`local`: processes of this machine. `ray`: Ray (extra `ray`)."),
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=4096, help="Processes; else one for each CPU, with Ray of the cluster."
        ),
    ] = None,
    in_flight: Annotated[
        int | None,
        typer.Option(
            min=1, max=4096, help="Photos worked on at a time, over all processes. [served: 32]"
        ),
    ] = None,
    root: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DIR",
            help="Where a manifest's photos are, if not below its folder; may be given again.",
        ),
    ] = None,
    csv: Annotated[
        bool, typer.Option("--csv", help="Write all rows to DIR/answers.csv too.")
    ] = False,
    traces: Annotated[
        bool, typer.Option("--traces/--no-traces", help="Keep whole answers with their evidence.")
    ] = True,
    shard_rows: Annotated[
        int | None,
        typer.Option(min=1, max=100_000, help="Photos in a shard; else what suits their number."),
    ] = None,
    exif: Annotated[
        bool,
        typer.Option("--exif/--no-exif", help="Hear or ignore what the file claims about itself."),
    ] = True,
    budget: Annotated[
        int | None, typer.Option(min=6, max=1000, help="Most steps one photo may take.")
    ] = None,
    without_source: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Leave out a source of evidence; may be given again."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show no progress on stderr, only errors.")
    ] = False,
) -> None:
    """Locate an archive of photos; stopped half-way, the same command goes on where it was.

    DIR/shards holds Parquet files with a row for every photo, also of those that failed;
    DIR/traces the whole answers. Photos with the same bytes are located once. Run again, it also
    takes photos that are new in INPUT, and tries again what a server or a disk had failed.
    """
    from geoagent_graph.allocator import bound_memory
    from geoagent_graph.batch.options import BatchOptions

    bound_memory()  # before anything is loaded: forked processes inherit the heap as it is
    policy = flags.options()
    if policy.max_calls is not None:
        raise InputError("--max-calls: a batch does not count over its processes; leave it out")
    from geoagent_graph.batch.listing import open_input
    from geoagent_graph.batch.run import BatchRequest, usual_workers

    found = open_input(source, root or ())
    workers = workers or (1 if policy.policy in _ONE_WORKER else usual_workers(engine))
    in_flight = in_flight or (SERVED_IN_FLIGHT if policy.policy == "served" else workers)
    options = BatchOptions(
        policy=policy,
        use_exif=exif,
        budget=budget,
        without_sources=tuple(without_source or ()),
        in_flight=max(1, in_flight // workers),
    )
    request = BatchRequest(
        source=found,
        out=out,
        options=options,
        engine=engine,
        workers=workers,
        shard_rows=shard_rows,
        keeps_traces=traces,
    )
    raise typer.Exit(_run_and_report(request, with_csv=csv, as_json=as_json, quiet=quiet))


def _run_and_report(request: "BatchRequest", *, with_csv: bool, as_json: bool, quiet: bool) -> int:
    """Run a batch, say what it came to, and return the exit status."""
    from geoagent_graph.batch.run import run_batch
    from geoagent_graph.batch.shards import ShardFolder
    from geoagent_graph.cli.batch_progress import BatchProgress, report_line
    from geoagent_graph.cli.given_photos import describe_skipped
    from geoagent_graph.cli.streams import write_note, write_result
    from geoagent_graph.render.terminal.live import PlainReporter
    from geoagent_graph.safe_text import visible

    began = monotonic()
    if not quiet:
        progress = PlainReporter(0).progress
        request = dataclasses.replace(request, watcher=BatchProgress(), progress=progress)
    report = run_batch(request)
    if request.source.skipped and not quiet:
        write_note(describe_skipped(request.source.skipped))
    if with_csv:
        ShardFolder(request.out).write_csv(report.shards)
    if as_json:
        fields = _report_fields(request, report, monotonic() - began)
        write_result(json.dumps(fields, ensure_ascii=False, indent=2) + "\n")
    else:
        shown = visible(str(request.out), 200)
        write_result(f"{shown}: {report_line(report, monotonic() - began)}\n")
    return _exit_status(report)


def _report_fields(
    request: "BatchRequest", report: "BatchReport", seconds: float
) -> dict[str, Any]:
    counts = report.counts
    return {
        "out": str(request.out),
        "rows": counts.rows,
        "located": report.located,
        "shards": report.shards,
        "levels": dict(counts.levels),
        "failures": dict(counts.failures),
        "copies": counts.copies,
        "left_out": dict(request.source.skipped),
        "seconds": round(seconds, 3),
    }


def _exit_status(report: "BatchReport") -> int:
    if report.counts.failures:
        return exit_codes.FAILED
    answered = report.counts.levels.total() - report.counts.levels["none"]
    return exit_codes.ANSWERED if answered else exit_codes.ABSTAINED
