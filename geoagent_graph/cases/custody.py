"""Who viewed a case, took files of it, handed it on, renamed or changed it: in its trace."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NoReturn

from geoagent_graph.cases.database import TRIP, now
from geoagent_graph.cases.events import Deed
from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.trip.trip_case import Trip
from geoagent_graph.errors import InputError
from geoagent_graph.types import Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoagent_graph.cases.case import Case
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.cases.trip.trip_view import TripView
    from geoagent_graph.cases.view import CaseView

MIN_MINUTES_BETWEEN_VIEWS: Final = 30.0
"""Set by hand: who looks again within half an hour looks on; a page asks every few seconds."""


@dataclass(frozen=True, slots=True)
class CaseDeed:
    """What somebody does with a case; `way` and `detail` as in `events.CustodyNoted`."""

    action: Deed
    person: str
    way: str = ""
    detail: str = ""

    def body(self) -> Json:
        """Return the body of its event."""
        said = {"action": self.action, "person": self.person, "way": self.way}
        return {"event": "custody", **said, "detail": self.detail}


def is_repeated_view(view: "CaseView | TripView", person: str) -> bool:
    """Return whether a person has had to do with a case so lately that a view says nothing new."""
    times = [event.time for event in view.events if getattr(event, "person", None) == person]
    if not times:
        return False
    passed = datetime.fromisoformat(now()) - datetime.fromisoformat(times[-1])
    return passed < timedelta(minutes=MIN_MINUTES_BETWEEN_VIEWS)


async def add_deeds(case: "Case", deeds: Iterable[CaseDeed], *, sign: bool = False) -> None:
    """Add to a branch's trace what somebody does, and sign it where there is a key.

    Raises:
        GeoAgentError: it cannot be stored, or the key is damaged.
    """
    bodies: list[Json | Callable[[str], Json | None]] = [deed.body() for deed in deeds]
    if sign:
        bodies.append(case.keys.signature_over)
    await case.append_to_journal(*bodies)


async def add_trip_deeds(case: "Case", deeds: Iterable[CaseDeed], *, sign: bool = False) -> None:
    """Do what `add_deeds` does, in the joint trace of all photos of a case.

    Raises:
        GeoAgentError: it cannot be stored, or the key is damaged.
    """
    trip = Trip(case)
    for deed in deeds:
        await case.database.note(TRIP, "", deed.body())
    await trip.catch_up()
    body = case.keys.signature_over(await trip.head()) if sign else None
    if body is not None:
        await case.database.note(TRIP, "", body)
        await trip.catch_up()


async def record_deeds(
    store: "CaseStore",
    name: str,
    branch: str | None,
    deeds: Iterable[CaseDeed],
    *,
    sign: bool = False,
) -> None:
    """Add what somebody does to the trace of a branch; None is that of all photos together.

    Raises:
        CaseHeld: another process works on the case.
        GeoAgentError: it cannot be stored.
    """
    async with store.hold(name, use_no_tools, branch or MAIN) as case:
        add = add_trip_deeds if branch is None else add_deeds
        await add(case, deeds, sign=sign)


def use_no_tools() -> NoReturn:
    """Stand where tools are opened: nobody needs one to say who had a case in hand."""
    raise InputError("no tool is needed to say who had a case in hand")
