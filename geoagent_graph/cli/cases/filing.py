"""`geoagent cases`, `rename`, `tag`, `archive` and `unarchive`: cases are looked after."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.cases.custody import WAY
from geoagent_graph.cli.cases.open_cases import open_store
from geoagent_graph.cli.cases.views import branch_row, row_text, trip_row
from geoagent_graph.cli.streams import write_note, write_result
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.cases.case_search import CaseSearch
    from geoagent_graph.cases.summary import CaseSummary


def list_cases(wanted: "CaseSearch", home: Path | None, *, as_json: bool) -> int:
    """Print the cases that are meant, by name, and return the exit status."""
    store = open_store(home)
    everything = store.summaries(sorted(store.names()))
    found = [case for case in everything if wanted.finds(case)]
    rows = [row for case in found for row in _case_rows(case)]
    if as_json:
        write_result(json_text(rows, indent=2) + "\n")
        return exit_codes.ANSWERED
    lines = [row_text(row) for row in rows] or [_none_words(wanted, bool(everything))]
    write_result("".join(f"{line}\n" for line in lines))
    away = sum(case.archived for case in everything)
    if away and wanted.filed == "open":
        write_note(f"{away} archived {'case is' if away == 1 else 'cases are'} left out: --all")
    return exit_codes.ANSWERED


def _none_words(wanted: "CaseSearch", has_cases: bool) -> str:
    if not has_cases:
        return "no cases yet"
    return "no such case" if wanted.is_narrow else "no cases"


def _case_rows(case: "CaseSummary") -> list[dict[str, Any]]:
    rows = [branch_row(case.name, branch) for branch in case.branches]
    if case.trip is not None:
        rows.append(trip_row(case.name, case.trip))
    if case.problem:
        rows.append({"case": case.name, "problem": visible(case.problem)})
    filed = {"tags": [visible(tag) for tag in case.tags], "archived": case.archived}
    return [{**row, **filed} for row in rows]


def rename(name: str, new: str, home: Path | None) -> int:
    """Give a case another name, say so, and return the exit status.

    Raises:
        GeoAgentError: there is no such case, the name is taken, or a process works on it.
    """
    from geoagent_graph.cases.filing import rename_case

    asyncio.run(rename_case(open_store(home), name, new, way=WAY))
    write_result(f"{name}: is now {new}\n")
    return exit_codes.ANSWERED


def tag(name: str, add: Sequence[str], remove: Sequence[str], home: Path | None) -> int:
    """Change the tags of a case, print all that it has, and return the exit status.

    Raises:
        GeoAgentError: there is no such case, or a tag is none.
    """
    from geoagent_graph.cases.filing import file_case, labels_of

    store = open_store(home)
    changes = bool(add or remove)
    labels = file_case(store, name, add=add, remove=remove) if changes else labels_of(store, name)
    write_result(f"{name}: {', '.join(map(visible, labels.tags)) or 'no tags'}\n")
    return exit_codes.ANSWERED


def archive(names: Sequence[str], home: Path | None, *, archived: bool) -> int:
    """Put cases away or take them back, say so, and return the exit status.

    Raises:
        GeoAgentError: there is no such case.
    """
    from geoagent_graph.cases.filing import file_case, labels_of

    store = open_store(home)
    for name in names:
        labels_of(store, name)  # all are there, or nothing is done
    for name in names:
        file_case(store, name, archived=archived)
        write_result(f"{name}: {'archived' if archived else 'listed again'}\n")
    return exit_codes.ANSWERED
