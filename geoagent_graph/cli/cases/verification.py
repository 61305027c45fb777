"""`geoagent verify`: whether a trace, a case or a trip holds."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.cases.open_cases import open_store
from geoagent_graph.cli.streams import write_result
from geoagent_graph.errors import InputError
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.cases.verification import Verification

UNSIGNED = "no key that is yours or that you trust signs it; see: geoagent keys list"


@dataclass(frozen=True, slots=True)
class Checks:
    """What is to be checked beside the chain: a photo, and whether a known key signs it."""

    photo: Path | None = None
    trusted: bool = False


def verify(words: str, checks: Checks, home: Path | None, *, as_json: bool) -> int:
    """Print what was checked and what is wrong; return 1 if anything is.

    Raises:
        GeoAgentError: there is no such case, branch or file.
    """
    from geoagent_graph.cases.handed_on import file_kind, is_report
    from geoagent_graph.cases.names import split_name
    from geoagent_graph.cases.verification import (
        verify_case,
        verify_file,
        verify_report,
        verify_trip,
        verify_trip_file,
    )

    store = open_store(home)
    kind = file_kind(words, store.has)
    if kind is not None and is_report(words):
        found = verify_report(Path(words), checks.photo, store.keys.known())
    elif kind == "case":
        found = verify_file(Path(words), checks.photo, store.keys.known())
    elif checks.photo is not None:
        raise InputError(
            "--photo: belongs to a trace file of one photo; a case has its photos in it"
        )
    elif kind == "trip":
        found = verify_trip_file(Path(words), store.keys.known())
    elif "/" in words:
        found = asyncio.run(verify_case(store, *split_name(words)))
    else:
        found = asyncio.run(verify_trip(store, split_name(words)[0]))
    if checks.trusted and not found.is_signed_by_known:
        found = replace(found, problems=(*found.problems, UNSIGNED))
    _print_verification(found, as_json)
    return exit_codes.ANSWERED if found.holds else exit_codes.FAILED


def _print_verification(found: "Verification", as_json: bool) -> None:
    if as_json:
        described = {
            "holds": found.holds,
            "checked": found.checked,
            "problems": [visible(problem) for problem in found.problems],
            "head": found.head,
        }
        write_result(json_text(described, indent=2) + "\n")
        return
    lines = [f"ok: {words}" for words in found.checked]
    lines += [f"WRONG: {visible(problem)}" for problem in found.problems]
    write_result("\n".join(lines) + "\n")
