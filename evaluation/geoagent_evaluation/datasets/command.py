"""`geoagent eval datasets`: lists data sets, checks a copy of one, converts it into our files."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from geoagent_evaluation.cli import DONE, visible_text
from geoagent_evaluation.datasets.catalogue import DATASETS, find_dataset
from geoagent_evaluation.datasets.convert import Conversion, convert_dataset
from geoagent_evaluation.datasets.dataset import Dataset
from geoagent_evaluation.datasets.examination import Examination, examine_file
from geoagent_evaluation.datasets.picture_check import Mark, check_pictures
from geoagent_evaluation.datasets.picture_files import find_pictures
from geoagent_evaluation.datasets.references import read_references
from geoagent_evaluation.datasets.truth_file import write_lines
from geoagent_evaluation.errors import DatasetError

MAX_LISTED: Final = 20
FAULTY: Final = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the three things that can be done with data sets; without one they are listed."""
    parser.add_argument("--json", action="store_true", help="list them as JSON")
    steps = parser.add_subparsers(dest="step", metavar="check | convert", required=False)
    check = steps.add_parser("check", help="examine a copy of a data set", allow_abbrev=False)
    _add_inputs(check)
    check.add_argument("--json", action="store_true", help="print what was found as JSON")
    convert = steps.add_parser(
        "convert", help="write truth.jsonl and a manifest", allow_abbrev=False
    )
    _add_inputs(convert)
    convert.add_argument("--out", type=Path, required=True, help="where truth.jsonl is written")
    convert.add_argument(
        "--manifest", type=Path, help="the manifest; manifest.jsonl beside the truth unless given"
    )
    convert.add_argument(
        "--skip-faulty", action="store_true",
        help="leave rows out that are wrong, and say how many; they are refused otherwise",
    )  # fmt: skip


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="which data set: " + ", ".join(one.name for one in DATASETS))
    parser.add_argument("file", type=Path, help="its table: CSV, TSV, JSON, JSON lines or Parquet")
    parser.add_argument("--images", type=Path, help="the folder of its pictures, to examine them")
    parser.add_argument(
        "--references", type=Path,
        help="photos of an index (a folder or metadata.jsonl): which of them the set repeats",
    )  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="warnings are errors")
    parser.add_argument(
        "--duplicates", type=Path,
        help="write placeholders and copies here, for `score --without`",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Run what was asked for and return the exit status."""
    if args.step == "check":
        return _check(args)
    if args.step == "convert":
        return _convert(args)
    if args.json:
        sys.stdout.write(json.dumps([one.stated() for one in DATASETS], indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(_described(one) for one in DATASETS))
    return DONE


def _check(args: argparse.Namespace) -> int:
    dataset = find_dataset(args.name)
    found = examine_file(dataset, args.file)
    marks = _examine_pictures(args, found)
    if args.json:
        sys.stdout.write(json.dumps(_as_json(dataset, found, marks), indent=2) + "\n")
    else:
        sys.stdout.write(_report(dataset, args.file, found, marks))
    return FAULTY if found.faulty or (args.strict and found.warnings) else DONE


def _convert(args: argparse.Namespace) -> int:
    dataset = find_dataset(args.name)
    found = examine_file(dataset, args.file)
    _refuse_faulty(args, found)
    files = find_pictures(found.photos, args.images) if args.images else {}
    marks = _examine_pictures(args, found)
    manifest = args.manifest or args.out.with_name("manifest.jsonl")
    convert_dataset(Conversion(found.photos, marks, files, args.out, manifest))
    sys.stdout.write(_report(dataset, args.file, found, marks))
    sys.stdout.write(f"wrote {args.out} and {manifest}: {len(found.photos)} photos\n")
    if files and not args.images.resolve().is_relative_to(manifest.parent.resolve()):
        sys.stdout.write(
            "note: the pictures lie outside the manifest's folder, which `eval run` does not read: "
            f"--manifest {args.images / 'manifest.jsonl'}\n"
        )
    return DONE


def _refuse_faulty(args: argparse.Namespace, found: Examination) -> None:
    if found.faulty and not args.skip_faulty:
        first = found.faulty[0]
        raise DatasetError(
            f"{first.file}, row {first.row}, {first.field}: {first.problem} "
            f"({len(found.faulty)} rows are wrong; --skip-faulty leaves them out)"
        )
    if args.strict and found.warnings:
        raise DatasetError(f"{args.file}: {found.warnings[0]}")
    if not found.photos:
        raise DatasetError(f"{args.file}: no row has coordinates")


def _examine_pictures(args: argparse.Namespace, found: Examination) -> list[Mark]:
    if args.images is None:
        if args.references or args.duplicates:
            raise DatasetError("--references and --duplicates need the pictures: --images FOLDER")
        return []
    photos = [*found.photos, *found.unplaced]
    references = read_references(args.references) if args.references else []
    marks = check_pictures(photos, find_pictures(photos, args.images), references)
    if args.duplicates:
        write_lines(args.duplicates, (mark.row() for mark in marks))
    return marks


def _described(dataset: Dataset) -> str:
    stated = dataset.stated()
    about = "about " if dataset.rows_are_about else ""
    rows = "any number of" if dataset.rows is None else f"{about}{dataset.rows}"
    columns = "; ".join(
        f"{field}: {' or '.join(names)}" for field, names in stated["columns"].items()
    )
    lines = [
        f"{dataset.name}  {dataset.title}, {rows} rows",
        f"  columns  {columns}",
        f"  licence  {dataset.licence}",
        *(f"  source   {address}" for address in dataset.source),
        *(f"  fault    {fault}" for fault in dataset.faults),
    ]
    return "\n".join(lines) + "\n"


def _report(dataset: Dataset, path: Path, found: Examination, marks: Sequence[Mark]) -> str:
    kinds = Counter(mark.kind for mark in marks)
    faults = sum(mark.label_fault for mark in marks)
    lines = [
        f"{dataset.title}: {path}, {found.rows} rows, {len(found.photos)} with coordinates",
        *(f"repaired: {one}" for one in found.repaired),
        *(f"warning: {one}" for one in found.warnings),
        *(f"note: {one}" for one in found.notes),
        *(f"row {one.row}, {one.field}: {one.problem}" for one in found.faulty[:MAX_LISTED]),
        *([f"... {len(found.faulty)} rows are wrong"] if len(found.faulty) > MAX_LISTED else []),
        *(f"pictures: {count} {kind}" for kind, count in sorted(kinds.items())),
        *([f"pictures: {faults} copies whose labels disagree"] if faults else []),
    ]
    return "".join(f"{visible_text(line)}\n" for line in lines)


def _as_json(dataset: Dataset, found: Examination, marks: Sequence[Mark]) -> dict[str, Any]:
    return {
        "dataset": dataset.name,
        "rows": found.rows,
        "with_coordinates": len(found.photos),
        "repaired": found.repaired,
        "warnings": found.warnings,
        "notes": found.notes,
        "faulty": [
            {"row": one.row, "field": one.field, "problem": one.problem} for one in found.faulty
        ],
        "pictures": [mark.row() for mark in marks],
    }
