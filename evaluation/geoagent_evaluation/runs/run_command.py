"""`eval run`: the photos of a manifest located with the agent; writes what `eval score` reads."""

import argparse
import sys
from pathlib import Path

from geoagent_evaluation.contract import run_folder
from geoagent_evaluation.runs.agent import AgentFailure, open_agent
from geoagent_evaluation.runs.agent_flags import (
    WholeNumber,
    add_agent_flags,
    policy_options,
    price,
)
from geoagent_evaluation.runs.baselines_command import write_baselines
from geoagent_evaluation.runs.manifest import read_photos
from geoagent_evaluation.runs.run_photos import RunChoice, run_photos
from geoagent_graph.errors import GeoAgentError

MAX_IN_FLIGHT = 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the manifest, the folder and the options of the agent."""
    parser.add_argument(
        "manifest",
        type=Path,
        metavar="MANIFEST",
        help="JSON Lines or a table: `file`, relative to the manifest and in its folder, and what "
        "is known of `id`, `lat`, `lon`, `country`, `region`, `city`, `permitted_level`, "
        "`locatability`, `license`, `cluster_id`",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder of the run; goes on in it"
    )
    add_agent_flags(parser)
    parser.add_argument(
        "--in-flight", type=WholeNumber(1, MAX_IN_FLIGHT), help="photos worked on at a time"
    )
    parser.add_argument(
        "--retry-failed", action="store_true", help="locate photos again that failed before"
    )
    parser.add_argument(
        "--dollars-per-million",
        type=price,
        nargs=2,
        metavar=("PROMPT", "REPLY"),
        help="what a million tokens of the model cost, for the column `cost`",
    )
    parser.add_argument(
        "--baselines", action="store_true", help="write the baselines too, as `eval baselines`"
    )


def run(args: argparse.Namespace) -> int:
    """Locate the photos, write the folder and say what is in it.

    Raises:
        EvaluationError: the manifest, the options or the folder cannot be used.
    """
    try:
        return _run_agent(args)
    except GeoAgentError as error:
        raise AgentFailure(error) from error


def _run_agent(args: argparse.Namespace) -> int:
    agent = open_agent(
        policy_options(args),
        use_exif=args.exif,
        budget=args.budget,
        without_sources=args.without_source,
        in_flight=args.in_flight,
    )
    photos = read_photos(args.manifest, agent.codes_of_country)
    prices = tuple(args.dollars_per_million) if args.dollars_per_million else None
    counts = run_photos(
        photos, args.manifest, agent, RunChoice(args.out, prices, args.retry_failed)
    )
    sys.stdout.write(
        f"{counts['photos']} photos: {counts['claims']} claims, {counts['abstained']} abstained, "
        f"{counts['failed']} failed; {args.out / run_folder.PREDICTIONS}\n"
    )
    if args.baselines:
        write_baselines(args.out, agent, photos)
    return 0 if counts["failed"] < counts["photos"] else 1
