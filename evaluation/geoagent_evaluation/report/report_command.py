"""`report`: a page that a person reads, from one folder of scores or from several side by side."""

import argparse
import importlib.util
import sys
from pathlib import Path

from geoagent_evaluation.errors import EvaluationError

DEFAULT_COMPARISON = Path("comparison")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `report` can be told."""
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="DIR",
        help="folder that `score` wrote; several are compared",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER",
        help="where report.html, figures.csv and figures.json go; "
        f"by default DIR, of several ./{DEFAULT_COMPARISON}",
    )  # fmt: skip
    parser.add_argument(
        "--html", nargs="?", type=Path, metavar="FILE", help="write the page there instead"
    )
    parser.add_argument(
        "--figures", type=Path, metavar="FOLDER", help="write each drawing there, as SVG and PNG"
    )
    parser.add_argument(
        "--run", type=Path, metavar="FOLDER",
        help="folder of the run, for its traces, where that is not DIR",
    )  # fmt: skip
    parser.add_argument("--date", default="", help="date to print; else that of run.json, if any")


def run(args: argparse.Namespace) -> int:
    """Write the report, print the paths of its files, and return 0.

    Raises:
        EvaluationError: a folder is not what `score` writes, or matplotlib is missing.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise EvaluationError(
            "the report draws with matplotlib, which is missing: pip install matplotlib"
        )
    from geoagent_evaluation.report.comparison import comparison_report
    from geoagent_evaluation.report.output_files import write_drawings, write_report
    from geoagent_evaluation.report.page import system_report
    from geoagent_evaluation.report.score_folder import read_score_folder

    if args.run is not None and len(args.folders) > 1:
        raise EvaluationError("--run goes with one DIR; traces are not compared")
    scored = [read_score_folder(folder, args.run) for folder in args.folders]
    report = system_report(scored[0], args.date) if len(scored) == 1 else comparison_report(scored)
    folder = args.out or (args.folders[0] if len(scored) == 1 else DEFAULT_COMPARISON)
    paths = write_report(report, scored, folder, args.html)
    if args.figures is not None:
        paths += write_drawings(report.drawings, args.figures)
    sys.stdout.writelines(f"{path}\n" for path in paths)
    return 0
