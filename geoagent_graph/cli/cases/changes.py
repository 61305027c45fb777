"""`geoagent fork`, `veto`, `note` and `delete`: a person changes a case, or ends it."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.cases.open_cases import open_store, settings_in, tools_for
from geoagent_graph.cli.streams import write_result
from geoagent_graph.errors import InputError
from geoagent_graph.render.terminal.preparation import preparation_bar
from geoagent_graph.safe_text import visible
from geoagent_graph.types import LEVELS, Level

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from geoagent_graph.cases.case import Case


def fork(words: str, at_step: int, places: list[str], name: str | None, home: Path | None) -> int:
    """Make a branch, name it on stdout, and return the exit status.

    Raises:
        GeoAgentError: there is no such case, step, level or place, or the name is taken.
    """
    wanted = _places_by_level(places)

    async def change(case: "Case") -> str:
        branch = await case.fork(at_step, wanted, name)
        return f"{case.name}/{branch}: made. Continue: geoagent resume {case.name}/{branch}"

    return _change_case(words, change, home)


def veto(words: str, hypothesis: str, because: str, home: Path | None) -> int:
    """Exclude a place and return the exit status.

    Raises:
        GeoAgentError: there is no such case or place.
    """

    async def change(case: "Case") -> str:
        events = await case.veto(hypothesis, because)
        acts = [event.input.text for event in events if event.event == "human"]
        return f"a person {visible(acts[0])}. Continue: geoagent resume {case.name}/{case.branch}"

    return _change_case(words, change, home)


def note(words: str, text: str, home: Path | None) -> int:
    """Add a note and return the exit status.

    Raises:
        GeoAgentError: there is no such case, or the note is empty or too long.
    """
    person = open_store(home).person

    async def change(case: "Case") -> str:
        await case.note(text, person)
        return "noted"

    return _change_case(words, change, home)


def delete(cases: list[str], home: Path | None, *, is_sure: bool) -> int:
    """Delete cases, say what became of their photos, and return the exit status.

    Raises:
        InputError: there is no such case, or nobody can be asked and `--yes` is not given.
        GeoAgentError: another process works on it, or it cannot be deleted.
    """
    store = open_store(home)
    for name in cases:
        if not store.has(name):
            raise InputError(f"{visible(name)}: no such case. See: geoagent cases")
    if not (is_sure or _is_confirmed(cases)):
        raise InputError("nothing was deleted; say --yes to delete without being asked")
    for name in cases:
        removal = store.delete(name)
        kept = f"; other cases hold {_photos(removal.shared)}" if removal.shared else ""
        write_result(f"{name}: deleted with {_photos(removal.photos)}{kept}\n")
    return exit_codes.ANSWERED


def _is_confirmed(cases: list[str]) -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    what = ", ".join(visible(name) for name in cases)
    return typer.confirm(f"Delete {what} with all branches and photos?", default=False, err=True)


def _photos(count: int) -> str:
    return "1 photo" if count == 1 else f"{count} photos"


def _change_case(words: str, change: "Callable[[Case], Awaitable[str]]", home: Path | None) -> int:
    from geoagent_graph.cases.names import split_name

    name, branch = split_name(words)

    async def run() -> str:
        store = open_store(home)
        with preparation_bar() as progress:
            # what a change needs are places; nothing that the case names is opened
            tools = tools_for(settings_in(home), {}, progress)
            async with store.hold(name, tools, branch) as case:
                return await change(case)

    write_result(asyncio.run(run()) + "\n")
    return exit_codes.ANSWERED


def _places_by_level(places: list[str]) -> dict[Level, str]:
    wanted: dict[Level, str] = {}
    for words in places:
        given, _, place = words.partition("=")
        level = next((level for level in LEVELS if level == given.strip().lower()), None)
        if level is None or not place.strip():
            raise InputError(f"--set {words}: write LEVEL=PLACE with one of {', '.join(LEVELS)}")
        wanted[level] = place.strip()
    return wanted
