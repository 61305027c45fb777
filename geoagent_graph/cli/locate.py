"""`geoagent locate`: photos in, answers out, steps beside them."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.engine import Engine, Photo, RunRequest
from geoagent_graph.cli.outputs import OutputChoice, Results
from geoagent_graph.cli.photos import expand_folders, photo_label, read_photos_to_locate
from geoagent_graph.cli.pull_advice import pull_advice
from geoagent_graph.cli.streams import write_error, write_note
from geoagent_graph.policies.open_policy import require_policy
from geoagent_graph.render.terminal.live import Reporter, open_reporter

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from geoagent_graph.types import Answer


def run(arguments: Sequence[str], request: RunRequest, choice: OutputChoice) -> int:
    """Locate photos and return the exit status; see `exit_codes.EXPLAINED`.

    Raises:
        GeoAgentError: what was asked for cannot be done at all; for a single photo also what
            stopped it.
    """
    from geoagent_graph.settings import load_settings

    require_policy(request.options.policy)
    arguments = expand_folders(arguments)
    choice.check(len(arguments))
    settings = load_settings()
    photos = read_photos_to_locate(arguments, settings.max_bytes)
    labels = [photo_label(argument) for argument in arguments]
    with open_reporter(labels, quiet=choice.quiet) as reporter:
        engine = Engine(request, settings, reporter.progress)
        results = Results(choice, len(photos), engine.pixels)
        if len(photos) == 1 and request.keep is None:
            located = _locate_one(engine, photos[0], labels[0], results, reporter)
        else:
            located = _locate_many(engine, photos, labels, results, reporter)
        status = asyncio.run(_run_and_close(engine, located))
    if not choice.quiet:
        advice = pull_advice(results.answers, request.options.policy, settings)
        if advice is not None:
            write_note(advice)
    return status


async def _run_and_close(engine: Engine, located: "Coroutine[Any, Any, int]") -> int:
    async with contextlib.aclosing(engine):
        return await located


async def _locate_one(
    engine: Engine, photo: Photo, label: str, results: Results, reporter: Reporter
) -> int:
    from geoagent_graph.errors import GeoAgentError
    from geoagent_graph.types import Answer

    # A program finds its photo again by what it asked for, a person by the name of the file.
    name = label if isinstance(photo, bytes) or results.choice.machine_readable else None
    answer = None
    try:
        async for item in engine.investigate(photo, name):
            if isinstance(item, Answer):
                answer = item
            else:
                reporter.step(item)
    except GeoAgentError as error:
        reporter.close()
        results.add_failure(label, str(error))
        raise
    # Not inside the loop: a full disk must not break off the run while it still has to close.
    if answer is not None:
        reporter.answer(answer, result_follows=not results.choice.machine_readable)
        results.add(answer)
    results.finish()
    return exit_status(results.answers, failed=0)


async def _locate_many(
    engine: Engine,
    photos: Sequence[Photo],
    labels: Sequence[str],
    results: Results,
    reporter: Reporter,
) -> int:
    from geoagent_graph.api import name_answer

    failed = 0
    async for outcome in engine.locate_many(photos):
        label = labels[outcome.index]
        if outcome.answer is None:
            failed += 1
            message = str(outcome.error)
            with reporter.aside():
                write_error(message)
                results.add_failure(label, message)
        else:
            with reporter.aside():
                results.add(name_answer(outcome.answer, label))
        reporter.photo_done(outcome.index, label)
    results.finish()
    return exit_status(results.answers, failed)


def exit_status(answers: "Sequence[Answer]", failed: int) -> int:
    """Return 1 if any photo failed, else 3 if none was answered, else 0."""
    if failed:
        return exit_codes.FAILED
    if all(answer.level == "none" for answer in answers):
        return exit_codes.ABSTAINED
    return exit_codes.ANSWERED
