"""Tells the trace of a case who views it and takes files of it on this command line."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from geoagent_graph.cli.streams import write_note
from geoagent_graph.errors import GeoAgentError, InputError

if TYPE_CHECKING:
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.cases.trip.trip_view import TripView
    from geoagent_graph.cases.view import CaseView

WAY = "terminal"
HANDED_ON = frozenset({"jsonl", "otel"})
"""What goes on as the trace itself; other files are drawn from it."""


def note_view(store: "CaseStore", view: "CaseView | TripView", branch: str | None) -> None:
    """Add to a trace that its case was viewed, unless the same person did so lately.

    A case that cannot be written is shown all the same; then that is said on stderr.
    """
    from geoagent_graph.cases.custody import CaseDeed, is_repeated_view, record_deeds

    if is_repeated_view(view, store.person):
        return
    deed = CaseDeed("viewed", store.person, WAY)
    try:
        asyncio.run(record_deeds(store, view.case, branch, [deed]))
    except GeoAgentError as error:
        write_note(f"that you looked is not in the trace: {error}")


def note_files(
    store: "CaseStore", name: str, branch: str | None, formats: Iterable[str], sign: bool | None
) -> None:
    """Add to a trace which files are taken of its case, and sign it where there is a key.

    Args:
        store: holds the case.
        name: its name.
        branch: the branch, None for all photos together.
        formats: the formats of the files, `otel` for spans.
        sign: None signs where there is a key, False never does.

    Raises:
        InputError: `sign` is True and there is no key.
        GeoAgentError: `sign` is True and the trace cannot be written.
    """
    from geoagent_graph.cases.custody import CaseDeed, record_deeds

    if sign and store.keys.own() is None:
        raise InputError("--sign: there is no key here yet. Run: geoagent keys create")
    deeds = [
        CaseDeed("handed_on" if kind in HANDED_ON else "exported", store.person, WAY, kind)
        for kind in formats
    ]
    try:
        asyncio.run(record_deeds(store, name, branch, deeds, sign=sign is not False))
    except GeoAgentError as error:
        if sign:
            raise
        write_note(f"that you took files is not in the trace, nor is it signed: {error}")
