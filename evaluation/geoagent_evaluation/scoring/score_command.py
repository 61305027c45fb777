"""`score`: predictions are scored against the truth, printed as a table and kept as files."""

import argparse
import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from geoagent_evaluation.cli import UsageError
from geoagent_evaluation.contract.places import Places
from geoagent_evaluation.contract.tables import FailedRow
from geoagent_evaluation.scoring.groups import DEFAULT_KINDS, GROUP_KINDS
from geoagent_evaluation.scoring.run_files import add_run_files
from geoagent_evaluation.scoring.score import score_files
from geoagent_evaluation.scoring.score_files import score_as_json, write_score
from geoagent_evaluation.scoring.score_table import score_table

MAX_LISTED_FAULTS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `score` takes."""
    parser.add_argument(
        "predictions", type=Path, metavar="PREDICTIONS", help="JSONL, Parquet or CSV."
    )
    parser.add_argument("truth", type=Path, metavar="TRUTH", help="JSONL, Parquet or CSV.")
    parser.add_argument(
        "--out", type=Path, metavar="DIR",
        help="Write score.json, scores.csv and rows.parquet into this folder.",
    )  # fmt: skip
    parser.add_argument(
        "--lenient", action="store_true",
        help="Rows that break the contract count as failures instead of ending the command.",
    )  # fmt: skip
    parser.add_argument(
        "--by", type=group_kinds, default=DEFAULT_KINDS, metavar="KIND,...",
        help=f"Groups that figures are also given for, of {', '.join(GROUP_KINDS)}; or none. "
        f"By default {','.join(DEFAULT_KINDS)}.",
    )  # fmt: skip
    parser.add_argument(
        "--places", action="store_true",
        help="Judge countries, regions and cities by the agent's gazetteer too: by borders and by "
        "the nearest town. Needs the agent.",
    )  # fmt: skip
    parser.add_argument(
        "--without", type=Path, metavar="FILE",
        help="Give figures twice, with and without the copies and placeholders that FILE names "
        "(datasets check --duplicates).",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="Print score.json, not a table.")


def run(args: argparse.Namespace) -> int:
    """Score a file of predictions; return the exit status."""
    scored = score_files(
        args.predictions,
        args.truth,
        args.lenient,
        args.by,
        open_gazetteer(args.places),
        without=args.without,
    )
    scored = add_run_files(scored, args.predictions, args.truth, args.lenient)
    if args.out is not None:
        write_score(scored, args.out)
    sys.stdout.write(score_as_json(scored.score) if args.json else score_table(scored.score))
    list_faults(scored.faults)
    return 0


def open_gazetteer(wanted: bool) -> Mapping[str, Places]:
    """Return the agent's ways to find the place of a point, none if they are not wanted.

    Raises:
        UsageError: the agent is not installed.
    """
    if not wanted:
        return {}
    try:
        module = importlib.import_module("geoagent_evaluation.runs.gazetteer_places")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"--places needs the agent ({error.name}); install it, or leave it out"
        ) from error
    found: Mapping[str, Places] = module.open_places()
    return found


def group_kinds(text: str) -> tuple[str, ...]:
    """Return kinds of groups that a person named, none for "none".

    Raises:
        argparse.ArgumentTypeError: one is no kind.
    """
    kinds = tuple(kind.strip() for kind in text.split(",")) if text != "none" else ()
    for kind in kinds:
        if kind not in GROUP_KINDS:
            raise argparse.ArgumentTypeError(f"{kind!r} is not one of {', '.join(GROUP_KINDS)}")
    return kinds


def list_faults(faults: Sequence[FailedRow]) -> None:
    """Write the first rows that broke the contract to stderr, one a line."""
    for fault in faults[:MAX_LISTED_FAULTS]:
        field = f", {fault.field}" if fault.field else ""
        sys.stderr.write(f"{fault.file}, row {fault.row}{field}: {fault.problem}\n")
