"""`compare`: every figure of several systems against the first, over the photos all have."""

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

from geoagent_evaluation.cli import UsageError
from geoagent_evaluation.scoring.compare import (
    Comparison,
    Difference,
    compare_systems,
    open_system,
)
from geoagent_evaluation.scoring.score_files import write_whole

COMPARISON_SCHEMA = "geoagent-comparison/1"
MIN_SYSTEMS = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `compare` takes."""
    parser.add_argument(
        "systems", type=Path, nargs="+", metavar="SYSTEM",
        help="A folder that `score --out` wrote, or a file of predictions; two or more.",
    )  # fmt: skip
    parser.add_argument(
        "--truth", type=Path, metavar="TRUTH", help="The truth of files of predictions."
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="Write comparison.json and comparison.csv there."
    )
    parser.add_argument(
        "--lenient", action="store_true",
        help="Rows that break the contract count as failures instead of ending the command.",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="Print comparison.json, not a table.")


def run(args: argparse.Namespace) -> int:
    """Compare systems; return the exit status."""
    if len(args.systems) < MIN_SYSTEMS:
        raise UsageError("name two systems or more to compare")
    found = compare_systems([open_system(path, args.truth, args.lenient) for path in args.systems])
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        write_whole(args.out / "comparison.json", comparison_as_json(found).encode())
        write_whole(args.out / "comparison.csv", comparison_as_csv(found).encode())
    sys.stdout.write(comparison_as_json(found) if args.json else comparison_table(found))
    return 0


def comparison_as_json(found: Comparison) -> str:
    """Return a comparison as JSON."""
    whole = {"schema": COMPARISON_SCHEMA, **asdict(found)}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def comparison_as_csv(found: Comparison) -> str:
    """Return the differences as a table with a head."""
    names = [field.name for field in fields(Difference)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([getattr(one, name) for name in names] for one in found.differences)
    return text.getvalue()


def comparison_table(found: Comparison) -> str:
    """Return a comparison for a terminal."""
    return "\n".join(_table_lines(found)) + "\n"


def _table_lines(found: Comparison) -> Iterator[str]:
    yield f"{found.photos} photos that all systems have"
    for name, count in found.left_out.items():
        if count:
            yield f"{count} photos of {name} left out"
    width = max((len(one.metric) for one in found.differences), default=0)
    for system in dict.fromkeys(one.second for one in found.differences):
        first = found.differences[0].first
        yield f"\n{system} less {first}"
        for one in found.differences:
            if one.second == system:
                yield f"  {one.metric:<{width}} {_difference_words(one)}"


def _difference_words(one: Difference) -> str:
    values = f"{one.first_value:>12.4f} {one.second_value:>12.4f} {one.difference:>+12.4f}"
    if one.low is None or one.high is None:
        return values
    p = "" if one.p_holm is None else f" p={one.p_holm:.4f}"
    return f"{values} [{one.low:+.4f}, {one.high:+.4f}]{p} {one.test}"
