"""`geoagent investigate`, `step` and `resume`: a case runs, its steps show, it is stored."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cli.cases.branch_text import branch_json, exit_status, question_text
from geoagent_graph.cli.cases.open_cases import open_store, settings_in, tools_for
from geoagent_graph.cli.cases.stored_options import options_of_case
from geoagent_graph.cli.cases.trip_text import photos_in, show_trip_end
from geoagent_graph.cli.known import KnownFlags
from geoagent_graph.cli.options import PolicyFlags
from geoagent_graph.cli.photos import photo_label
from geoagent_graph.cli.streams import stdout_is_terminal, write_note, write_result
from geoagent_graph.policies.open_policy import require_policy
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.render.terminal.live import Reporter, open_reporter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from geoagent_graph.cases.case import Case
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.policies.options import PolicyOptions
    from geoagent_graph.questions import Ask
    from geoagent_graph.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """What a new case was asked for; `times` says when its photos were taken."""

    photos: list[str]
    times: str | None
    name: str | None
    ask: "Ask"
    options: "PolicyOptions"
    use_exif: bool
    budget: int | None
    known: KnownFlags = field(default_factory=KnownFlags)


@dataclass(frozen=True, slots=True)
class OutputForm:
    """How a run shows itself."""

    as_json: bool
    quiet: bool


def close_tools_at_end(
    closing: contextlib.AsyncExitStack, open_tools: "Callable[[], Toolbox]"
) -> "Callable[[], Toolbox]":
    """Return what opens the same tools and has their connections closed at the end."""

    def open_tools_of_case() -> "Toolbox":
        toolbox = open_tools()
        closing.push_async_callback(toolbox.aclose)
        return toolbox

    return open_tools_of_case


def begin(beginning: CaseRequest, showing: OutputForm, home: Path | None, *, one_step: bool) -> int:
    """Begin a case, run it, and return the exit status.

    Raises:
        GeoAgentError: it cannot be begun, or a tool or the disk fails on the way.
    """
    require_policy(beginning.options.policy)
    settings = settings_in(home)
    first, *others = photos_in(beginning.photos, beginning.times, settings)
    labels = [photo_label(photo) for photo in beginning.photos]

    async def run(reporter: Reporter) -> int:
        from geoagent_graph.state import RunOptions

        budget = settings.budget if beginning.budget is None else beginning.budget
        options = RunOptions(use_exif=beginning.use_exif, budget=budget, ask=beginning.ask)
        options = beginning.known.apply(options)
        request = beginning.options.request()
        store = open_store(home)
        async with contextlib.AsyncExitStack() as closing:
            held = store.create(
                first.source,
                close_tools_at_end(closing, tools_for(settings, request, reporter.progress)),
                name=beginning.name,
                photo_name=first.name,
                options=options,
                request=request,
                taken=first.taken,
                others=others,
            )
            case = await closing.enter_async_context(held)
            write_note(f"case {case.name} in {settings.home}")
            await run_trip(case, None, reporter, one_step=one_step)
            name = case.name
        return show_end(store, name, None, reporter, showing)

    with open_reporter(labels[:1], quiet=showing.quiet) as reporter:
        return asyncio.run(run(reporter))


def resume(
    words: str,
    reply: object | None,
    flags: PolicyFlags,
    showing: OutputForm,
    home: Path | None,
    *,
    one_step: bool = False,
    change: "Callable[[Case], Awaitable[None]] | None" = None,
) -> int:
    """Continue a case, after a change to it if there is one, and return the exit status.

    Raises:
        GeoAgentError: there is no such case, the reply does not fit, or something fails.
    """
    from geoagent_graph.cases.names import split_name

    name, branch = split_name(words)
    settings = settings_in(home)

    async def run(reporter: Reporter) -> int:
        store = open_store(home)
        stored = await store.request_of(name)
        request = options_of_case(name, stored, flags, settings).request()
        async with contextlib.AsyncExitStack() as closing:
            tools = close_tools_at_end(closing, tools_for(settings, request, reporter.progress))
            case = await closing.enter_async_context(store.hold(name, tools, branch))
            if change is not None:
                await change(case)
            if "/" in words:
                await run_branch(case, reply, reporter, one_step=one_step)
            else:
                await run_trip(case, reply, reporter, one_step=one_step)
        return show_end(store, name, branch if "/" in words else None, reporter, showing)

    with open_reporter([name], quiet=showing.quiet) as reporter:
        return asyncio.run(run(reporter))


def add(
    words: str,
    photo: str,
    time: str | None,
    flags: PolicyFlags,
    showing: OutputForm,
    home: Path | None,
) -> int:
    """Add a photo to a case, run it, and return the exit status.

    Raises:
        GeoAgentError: there is no such case, the photo cannot be read or is in it already.
    """
    from geoagent_graph.cases.names import check_name
    from geoagent_graph.cases.trip.trip_case import Trip

    name = check_name(words)
    settings = settings_in(home)
    given, *more = photos_in([photo], time, settings)

    async def run(reporter: Reporter) -> int:
        store = open_store(home)
        stored = await store.request_of(name)
        request = options_of_case(name, stored, flags, settings).request()
        async with contextlib.AsyncExitStack() as closing:
            tools = close_tools_at_end(closing, tools_for(settings, request, reporter.progress))
            case = await closing.enter_async_context(store.hold(name, tools))
            for each in (given, *more):
                opened = await store.open_photo(each)
                branch = await Trip(case).add(opened, each.taken)
                store.images.release(opened.image)
                write_note(f"photo {name}/{branch}")
            await run_trip(case, None, reporter, one_step=False)
        return show_end(store, name, None, reporter, showing)

    with open_reporter([photo_label(photo)], quiet=showing.quiet) as reporter:
        return asyncio.run(run(reporter))


async def run_trip(
    case: "Case", reply: object | None, reporter: Reporter, *, one_step: bool
) -> None:
    """Run all photos of a case and weigh them together."""
    from geoagent_graph.cases.trip.trip_case import Trip

    async for _, event in Trip(case).run(reply=reply, one_step=one_step):
        if event.event == "step":
            reporter.step(event.step)


async def run_branch(
    case: "Case", reply: object | None, reporter: Reporter, *, one_step: bool
) -> None:
    """Run one branch of a case, and weigh its photo with the others where there are any."""
    from geoagent_graph.cases.trip.trip_case import Trip

    async for event in case.run(reply=reply, one_step=one_step):
        if event.event == "step":
            reporter.step(event.step)
    await Trip(case).settle()


def case_words(name: str, branch: str) -> str:
    """Return what a branch is called in commands."""
    return name if branch == "main" else f"{name}/{branch}"


def show_end(
    store: "CaseStore", name: str, branch: str | None, reporter: Reporter, showing: OutputForm
) -> int:
    """Write where a case stands after its run and return the exit status."""
    trip = store.read_trip(name) if branch is None else None
    if trip is not None:
        reporter.close()
        return show_trip_end(store, trip, as_json=showing.as_json)
    branch = branch or "main"
    view = store.read(name, branch)
    if view.answer is not None:
        reporter.answer(view.answer, result_follows=not showing.as_json)
    reporter.close()
    if showing.as_json:
        write_result(json_text(branch_json(view), indent=2) + "\n")
    elif view.answer is not None:
        from geoagent_graph.render.terminal.answer_text import answer_output

        write_result(answer_output(view.answer, stdout_is_terminal(), case_words(name, branch)))
    elif view.question is not None:
        write_result(question_text(view.question, f"{name}/{branch}"))
    else:
        stored = len(view.steps)
        said = "1 step is stored" if stored == 1 else f"{stored} steps are stored"
        write_note(f"{said}. Continue: geoagent resume {name}/{branch}")
    return exit_status(view)
