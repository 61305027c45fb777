"""`eval distractors`: how often photos that must not be believed were believed."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geoagent_evaluation.contract.open_rows import open_rows, refusal, whole_row
from geoagent_evaluation.contract.prediction_row import checked_id
from geoagent_evaluation.contract.row_checks import RowProblem
from geoagent_evaluation.errors import ContractError
from geoagent_evaluation.scoring.distractors import WrongClaims, wrong_claims

_PREDICTION_FIELDS = ("id", "level", "country", "abstained", "countries", "error")
_PHOTO_FIELDS = ("id", "kind", "right_countries", "decoys", "neutral")
_HEAD = ("kind", "photos", "failed", "claims", "wrong", "upper bound", "lured", "largest shift")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the predictions and the manifest of the photos."""
    parser.add_argument("predictions", type=Path, help="predictions of the photos")
    parser.add_argument(
        "photos", type=Path, help="the manifest that tools/draw_distractors.py wrote"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print the figures of every kind of photo.

    Raises:
        ContractError: a file cannot be read, or the manifest's rows have no kind.
    """
    predictions = _rows_by_id(args.predictions, _PREDICTION_FIELDS)
    photos = list(_rows_by_id(args.photos, _PHOTO_FIELDS).values())
    if not photos or not all(isinstance(photo.get("kind"), str) for photo in photos):
        raise ContractError(f"{args.photos}: lists no photos with a `kind` each")
    found = wrong_claims(predictions, photos)
    text = json.dumps([one.row() for one in found], indent=1) if args.json else table_of(found)
    sys.stdout.write(text + "\n")
    return 0


def table_of(found: list[WrongClaims]) -> str:
    """Return the figures as a table in Markdown."""
    lines = [f"| {' | '.join(_HEAD)} |", f"|{'---|' * len(_HEAD)}"]
    for one in found:
        shift = "" if one.shift is None else f"{100 * one.shift:.1f} points"
        cells = (
            one.kind, one.photos, one.failed, one.claims, one.wrong, f"{100 * one.upper:.1f} %",
            one.lured, shift,
        )  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _rows_by_id(file: Path, fields: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    rows: dict[str, Mapping[str, Any]] = {}
    for number, row in open_rows(file, fields):
        try:
            checked = whole_row(row)
            rows[checked_id(checked)] = checked
        except RowProblem as fault:
            raise refusal(file, number, fault) from fault
    return rows
