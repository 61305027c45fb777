"""`eval baselines`: what a run must beat, written beside it as `baselines/NAME.jsonl`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from geoagent_evaluation.runs.agent import Agent, AgentFailure, open_agent
from geoagent_evaluation.runs.agent_flags import policy_options_of
from geoagent_evaluation.runs.manifest import ManifestPhoto, read_photos
from geoagent_evaluation.runs.run_state import RunError, read_description
from geoagent_evaluation.runs.source_baselines import write_source_baselines
from geoagent_evaluation.runs.table_baselines import write_table_baselines
from geoagent_graph.errors import GeoAgentError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder of the run."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder that `eval run` wrote")
    parser.add_argument(
        "--manifest", type=Path, help="where the photos lie now; else where the run read them"
    )


def run(args: argparse.Namespace) -> int:
    """Write the baselines of a run and name them.

    Raises:
        EvaluationError: the folder is no run's, or its tools cannot be opened as they were.
    """
    description = read_description(args.folder)
    try:
        agent = _agent_of(description)
        made_with = agent.described()
        changed = [key for key, value in made_with.items() if description.get(key) != value]
        if changed:
            raise RunError(
                f"{args.folder}: the {changed[0]} of the run have changed since; run it again"
            )
        manifest = args.manifest or Path(description["versions"]["manifest"])
        write_baselines(args.folder, agent, read_photos(manifest, agent.codes_of_country))
    except GeoAgentError as error:
        raise AgentFailure(error) from error
    except (KeyError, TypeError) as error:
        raise RunError(f"{args.folder}: its run.json lacks {error}; run it again") from error
    return 0


def write_baselines(folder: Path, agent: Agent, photos: Sequence[ManifestPhoto]) -> None:
    """Write all baselines of a run and say which there are."""
    names = [*write_table_baselines(folder, agent), *write_source_baselines(folder, agent, photos)]
    sys.stdout.write(f"{len(names)} baselines: {', '.join(names)}\n")


def _agent_of(description: dict[str, dict[str, object]]) -> Agent:
    options, tools = description["options"], description["tools"]
    left_out = tools.get("without_sources", [])
    budget = options["budget"]
    return open_agent(
        policy_options_of(description),
        use_exif=bool(options["use_exif"]),
        budget=budget if isinstance(budget, int) else None,
        without_sources=[str(name) for name in left_out] if isinstance(left_out, list) else [],
    )
