"""`geoagent investigate`, `step` and `resume`: a case runs, its steps show, it is stored."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.engine import Engine, RunRequest, check_policy
from geoagent_graph.cli.photos import photo_label, read_photos
from geoagent_graph.cli.streams import stdout_is_terminal, write_note, write_result
from geoagent_graph.render.json_answer import json_text
from geoagent_graph.render.live import Reporter, open_reporter
from geoagent_graph.render.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.cases.case import Case
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.cases.view import CaseView
    from geoagent_graph.questions import Ask, Question
    from geoagent_graph.settings import Settings
    from geoagent_graph.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a new case was asked for."""

    photo: str
    name: str | None
    ask: "Ask"
    index: Path | None
    policy: str
    base_url: str | None
    model: str | None
    vision: bool
    use_exif: bool
    budget: int | None
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class Showing:
    """How a run shows itself."""

    as_json: bool
    quiet: bool


def settings_in(home: Path | None) -> "Settings":
    """Return the settings of this process, their home replaced where one was given."""
    from geoagent_graph.settings import load_settings

    settings = load_settings()
    return settings if home is None else settings.model_copy(update={"home": home})


def open_store(home: Path | None) -> "CaseStore":
    """Return the cases of a folder."""
    from geoagent_graph.cases.store import CaseStore

    return CaseStore(settings_in(home))


def tools_for(
    settings: "Settings", request: dict[str, Any], progress: Callable[[float, str], None]
) -> "Callable[[], Toolbox]":
    """Return what opens the tools that a case was begun with."""

    def opened() -> "Toolbox":
        index = Path(request["index"]) if request.get("index") else None
        wanted = RunRequest(
            index=index,
            policy=str(request.get("policy", "evidence")),
            base_url=request.get("base_url"),
            model=request.get("model"),
            vision=bool(request.get("vision", True)),
            fallback=bool(request.get("fallback", False)),
        )
        return Engine(wanted, settings, progress).toolbox  # one place opens tools for commands

    return opened


def _closed_by(
    closing: contextlib.AsyncExitStack, open_tools: "Callable[[], Toolbox]"
) -> "Callable[[], Toolbox]":
    """Return what opens the same tools and has their connections closed at the end."""

    def opened() -> "Toolbox":
        toolbox = open_tools()
        closing.push_async_callback(toolbox.aclose)
        return toolbox

    return opened


def begin(beginning: Beginning, showing: Showing, home: Path | None, *, one_step: bool) -> int:
    """Begin a case, run it, and return the exit status.

    Raises:
        GeoAgentError: it cannot be begun, or a tool or the disk fails on the way.
    """
    check_policy(beginning.policy)
    settings = settings_in(home)
    photo = read_photos([beginning.photo], settings.max_bytes)[0]
    label = photo_label(beginning.photo)

    async def run(reporter: Reporter) -> int:
        from geoagent_graph.state import RunOptions

        budget = settings.budget if beginning.budget is None else beginning.budget
        options = RunOptions(use_exif=beginning.use_exif, budget=budget, ask=beginning.ask)
        index = str(beginning.index.absolute()) if beginning.index else None
        request = {
            "policy": beginning.policy,
            "base_url": beginning.base_url,
            "model": beginning.model,
            "vision": beginning.vision,
            "fallback": beginning.fallback,
            "index": index,
        }
        store = open_store(home)
        async with contextlib.AsyncExitStack() as closing:
            held = store.create(
                photo,
                _closed_by(closing, tools_for(settings, request, reporter.progress)),
                name=beginning.name,
                photo_name=label if isinstance(photo, bytes) else None,
                options=options,
                request=request,
            )
            case = await closing.enter_async_context(held)
            write_note(f"case {case.name} in {settings.home}")
            await _run(case, None, reporter, one_step=one_step)
            name = case.name
        return _show_end(store, name, "main", reporter, showing)

    with open_reporter([label], quiet=showing.quiet) as reporter:
        return asyncio.run(run(reporter))


def resume(
    words: str, reply: object | None, showing: Showing, home: Path | None, *, one_step: bool = False
) -> int:
    """Continue a case and return the exit status.

    Raises:
        GeoAgentError: there is no such case, the reply does not fit, or something fails.
    """
    from geoagent_graph.cases.names import split_name

    name, branch = split_name(words)
    settings = settings_in(home)

    async def run(reporter: Reporter) -> int:
        store = open_store(home)
        request = await store.request_of(name)
        async with contextlib.AsyncExitStack() as closing:
            tools = _closed_by(closing, tools_for(settings, request, reporter.progress))
            case = await closing.enter_async_context(store.hold(name, tools, branch))
            await _run(case, reply, reporter, one_step=one_step)
        return _show_end(store, name, branch, reporter, showing)

    with open_reporter([name], quiet=showing.quiet) as reporter:
        return asyncio.run(run(reporter))


async def _run(case: "Case", reply: object | None, reporter: Reporter, *, one_step: bool) -> None:
    async for event in case.run(reply=reply, one_step=one_step):
        if event.event == "step":
            reporter.step(event.step)


def _show_end(
    store: "CaseStore", name: str, branch: str, reporter: Reporter, showing: Showing
) -> int:
    view = store.read(name, branch)
    if view.answer is not None:
        reporter.answer(view.answer, result_follows=not showing.as_json)
    reporter.close()
    if showing.as_json:
        write_result(json_text(described(view), indent=2) + "\n")
    elif view.answer is not None:
        from geoagent_graph.render.answer_text import printed_answer

        write_result(printed_answer(view.answer, stdout_is_terminal()))
    elif view.question is not None:
        write_result(question_text(view.question, f"{name}/{branch}"))
    else:
        write_note(f"{len(view.steps)} steps are stored. Continue: geoagent resume {name}/{branch}")
    return exit_status(view)


def exit_status(view: "CaseView") -> int:
    """Return 0 for an answer, 3 for one that claims nothing, 4 for an open question."""
    if view.answer is not None:
        return exit_codes.ABSTAINED if view.answer.level == "none" else exit_codes.ANSWERED
    return exit_codes.WAITING if view.question is not None else exit_codes.ANSWERED


def described(view: "CaseView") -> dict[str, Any]:
    """Return a branch as JSON: what it is, where it stands, its question and its answer."""
    opened = view.opened
    return {
        "case": opened.case,
        "branch": opened.branch,
        "status": view.status,
        "steps": len(view.steps),
        "head": view.head,
        "question": view.question.model_dump(mode="json") if view.question else None,
        "answer": view.answer.model_dump(mode="json") if view.answer else None,
    }


def question_text(question: "Question", case: str) -> str:
    """Return an open question as people read it, with the ways to reply."""
    lines = [f"Question: {visible(question.text)}"]
    for candidate in question.candidates:
        place = candidate.place
        lines.append(f"  {candidate.probability:6.1%}  {visible(place.name)} ({visible(place.id)})")
    if question.problem:
        lines.append(f"The last reply was refused: {visible(question.problem)}")
    lines.append(f"Reply: geoagent resume {case} with one of")
    lines.append("  --agree | --accept PLACE | --reject PLACE --because TEXT | --clue TEXT")
    lines.append("  --photo-region L,T,R,B | --map-region LAT,LON,KM")
    return "\n".join(lines) + "\n"
