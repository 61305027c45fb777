"""`geoagent locate`: photos in, answers out, steps beside them."""

import asyncio
import contextlib
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.engine import Engine, Photo, RunRequest
from geoagent_graph.cli.given_photos import GivenPhotos, find_photos
from geoagent_graph.cli.model_costs import expected_costs, spent
from geoagent_graph.cli.outputs import OutputChoice, Results
from geoagent_graph.cli.photos import photo_label, read_photos_to_locate
from geoagent_graph.cli.pull_advice import pull_advice
from geoagent_graph.cli.run_summary import RunSummary
from geoagent_graph.cli.streams import write_error, write_note
from geoagent_graph.policies.open_policy import require_policy
from geoagent_graph.render.terminal.live import Reporter, open_reporter

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from geoagent_graph.errors import GeoAgentError
    from geoagent_graph.settings import Settings
    from geoagent_graph.types import Answer


def run(arguments: Sequence[str], request: RunRequest, choice: OutputChoice) -> int:
    """Locate photos and return the exit status; see `exit_codes.EXPLAINED`.

    Raises:
        GeoAgentError: what was asked for cannot be done at all; for a single photo also what
            stopped it.
    """
    from geoagent_graph.settings import load_settings

    require_policy(request.options.policy)
    settings = load_settings()
    with find_photos(arguments, settings.max_bytes) as given:
        return _locate_given(given, request, choice, settings)


def _locate_given(
    given: GivenPhotos, request: RunRequest, choice: OutputChoice, settings: "Settings"
) -> int:
    choice.check(len(given.paths))
    photos = read_photos_to_locate(given.paths, settings.max_bytes)
    labels = [photo_label(label) for label in given.labels]
    summary, began = RunSummary(), monotonic()
    with open_reporter(labels, quiet=choice.quiet) as reporter:
        engine = Engine(request, settings, reporter.progress)
        if not choice.quiet:
            costs = expected_costs(engine.policy_options, len(photos), request.prices)
            with reporter.aside():
                _write_notes(costs)
        results = Results(choice, len(photos), engine.pixels)
        if len(photos) == 1 and request.keep is None:
            located = _locate_one(engine, photos[0], labels[0], results, reporter)
        else:
            located = _locate_many(engine, photos, labels, results, reporter, summary)
        status = asyncio.run(_run_and_close(engine, located))
    if not choice.quiet:
        several = len(photos) > 1
        says_how_to_go_on = not (several or choice.machine_readable)  # the text of one answer
        advice = pull_advice(results.answers, request.options.policy, settings)
        _write_notes(
            given.note(),
            summary.sentence(results.answers, monotonic() - began) if several else None,
            spent(results.answers, request.prices) if several else None,
            None if says_how_to_go_on else advice,
        )
    return status


def _write_notes(*notes: str | None) -> None:
    for note in notes:
        if note is not None:
            write_note(note)


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
    summary: RunSummary,
) -> int:
    from geoagent_graph.api import name_answer
    from geoagent_graph.kept_answers import find_copies

    failed = 0
    first_of = await asyncio.to_thread(find_copies, photos)
    summary.copies = sum(first != number for number, first in enumerate(first_of))
    async for outcome in engine.locate_many(photos, first_of, labels):
        label = labels[outcome.index]
        if outcome.answer is None:
            failed += 1
            summary.add_failure(outcome.error)
            message = str(outcome.error)
            with reporter.aside():
                write_error(message)
                results.add_failure(label, message)
        else:
            with reporter.aside():
                results.add(name_answer(outcome.answer, label))
        reporter.photo_done(outcome.index, label)
        if outcome.error is not None and _ends_the_run(outcome.error):
            failed += _skip_others(labels[outcome.index + 1 :], outcome.error, results, summary)
            break
    results.finish()
    return exit_status(results.answers, failed)


def _ends_the_run(error: "GeoAgentError") -> bool:
    from geoagent_graph.policies.backends.openai.call_budget import calls_used_up

    return calls_used_up(error)


def _skip_others(
    labels: Sequence[str], error: "GeoAgentError", results: Results, summary: RunSummary
) -> int:
    """Return how many photos are left where no further call may be sent; each is a failure."""
    for label in labels:
        summary.add_failure(error)
        results.add_failure(label, str(error))
    if labels:
        write_note(f"not located: {len(labels)} more; --keep FILE goes on with them")
    return len(labels)


def exit_status(answers: "Sequence[Answer]", failed: int) -> int:
    """Return 1 if any photo failed, else 3 if none was answered, else 0."""
    if failed:
        return exit_codes.FAILED
    if all(answer.level == "none" for answer in answers):
        return exit_codes.ABSTAINED
    return exit_codes.ANSWERED
