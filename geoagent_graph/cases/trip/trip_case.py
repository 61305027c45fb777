"""Several photos in one case: each has branches of its own, and they are weighed together.

async with store.hold("trip", open_tools) as case:
    async for branch, event in Trip(case).run():
        ...
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.call_threads import run_in_thread
from geoagent_graph.cases.case import Case
from geoagent_graph.cases.database import TRIP, CaseDatabase, now
from geoagent_graph.cases.environment import environment_of
from geoagent_graph.cases.events import FIRST_PREV, TraceEvent, link
from geoagent_graph.cases.rows import About, StoredPhoto, photo_of
from geoagent_graph.cases.storage import storage_errors
from geoagent_graph.cases.trace_file import bring_up_to_date
from geoagent_graph.cases.trip.trip_events import (
    TRIP_FORMAT,
    TRIP_SUFFIX,
    JointInput,
    LeftOut,
    TripJoined,
    trip_event_of,
)
from geoagent_graph.cases.trip.trip_view import answer_hash, read_trip_view
from geoagent_graph.cases.view import CaseView, read_view
from geoagent_graph.errors import CheckpointError, InputError
from geoagent_graph.protocols import OpenedPhoto, RuledOut
from geoagent_graph.questions import positions_in_force
from geoagent_graph.safe_text import visible
from geoagent_graph.search_areas import SearchCircle, areas_in
from geoagent_graph.state import dump
from geoagent_graph.trip_types import (
    MAX_PHOTOS,
    TIME_KIND,
    PhotoEvidence,
    Taken,
    file_claim_of_time,
    parse_time_taken,
)
from geoagent_graph.types import Json

if TYPE_CHECKING:
    from geoagent_graph.images.given import GivenPhoto


@dataclass(frozen=True, slots=True)
class PhotoIn:
    """A photo that goes into a case: where it is, what to call it, when it was taken."""

    source: "GivenPhoto | OpenedPhoto"
    name: str | None = None
    taken: Taken | None = None


class Trip:
    """All photos of a case: runs each of them and weighs them together."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._database = case.database

    @property
    def path(self) -> Path:
        """The file of the joint trace."""
        return self._case.folder / f"joint{TRIP_SUFFIX}"

    async def photos(self) -> list[str]:
        """Return the first branch of every photo, in the order in which they were added."""
        return await first_branches(self._database)

    async def add(self, photo: OpenedPhoto, taken: Taken | None = None) -> str:
        """Return the branch of a photo that is added to the case.

        Raises:
            InputError: it is in the case already, or the case is full.
        """
        with storage_errors(self._case.name):
            about = await self._database.about()
            if about is None:
                raise CheckpointError(f"{self._case.name}: was never begun")
            rows, said = await more_photos(self._database, about, [(photo, taken)])
            await self._database.add_photos(rows, said)
        await self.catch_up()
        branch = rows[0][0]
        await self._case.at(branch)
        return branch

    async def run(
        self, *, reply: object | None = None, one_step: bool = False
    ) -> AsyncIterator[tuple[str, TraceEvent]]:
        """Go on with every photo in turn, and yield (branch, event); then weigh them together.

        A photo that waits for a person is left waiting, and the others go on.

        Args:
            reply: what a person replies to the one open question.
            one_step: stop after one node of one photo.

        Raises:
            InputError: the reply does not fit, or it could be to several questions.
            GeoAgentError: a tool, the policy or the disk failed; run it again to resume.
        """
        cases = [await self._case.at(branch) for branch in await self.photos()]
        if reply is not None:
            cases = [self._case_that_asks(cases), *cases]
        for case in cases:
            if case.is_done or (case.question is not None and reply is None):
                continue
            async for event in case.run(reply=reply, one_step=one_step):
                yield case.branch, event
            reply = None
            if one_step:
                break
        await self.settle()

    async def settle(self) -> TripJoined | None:
        """Weigh the photos together once every one has an answer or waits for a person."""
        cases = [await self._case.at(branch) for branch in await self.photos()]
        if all(case.is_done or case.question is not None for case in cases):
            return await self.join()
        return None

    def _case_that_asks(self, cases: list[Case]) -> Case:
        asked = [case for case in cases if case.question is not None]
        if not asked:
            raise InputError(f"{self._case.name}: no question is open")
        if len(asked) > 1:
            named = " or ".join(f"geoagent resume {case.name}/{case.branch}" for case in asked)
            raise InputError(
                f"{self._case.name}: several photos wait for a reply; say which: {named}"
            )
        return asked[0]

    async def catch_up(self) -> None:
        """Bring the joint trace up to what is stored.

        Raises:
            CheckpointError: the file says something else.
        """
        events = await trip_events(self._database)
        if events:
            bring_up_to_date(self.path, events)

    async def head(self) -> str:
        """Return the hash of the last event of the joint trace; zeros where there is none."""
        events = await trip_events(self._database)
        return str(events[-1]["hash"]) if events else FIRST_PREV

    async def join(self) -> TripJoined | None:
        """Weigh the photos together, unless that has been done with these very answers.

        Returns the new result; None for a case of one photo and where nothing is new.

        Raises:
            InputError: the evidence model can only weigh photos one by one.
        """
        branches = await self.photos()
        if len(branches) < 2:
            return None
        views = {branch: read_view((await self._case.at(branch)).trace_path) for branch in branches}
        trip = read_trip_view(self.path)
        said = {photo.branch: photo.taken for photo in trip.photos}
        inputs = [
            JointInput(branch=branch, answer=digest, taken=_time_of(views[branch], said[branch]))
            for branch in branches
            if (digest := answer_hash(views[branch])) is not None
        ]
        if not inputs or (trip.joint is not None and list(trip.joint.inputs) == inputs):
            return None
        tools = await self._case.tools()
        if tools.joint is None:
            raise InputError(f"{self._case.name}: its evidence model weighs photos one by one only")
        evidence = [
            evidence_of(views[item.branch], f"photo {branches.index(item.branch) + 1}", item.taken)
            for item in inputs
        ]
        left_out = [
            LeftOut(branch=branch, reason="has no answer yet")
            for branch in branches
            if branch not in {item.branch for item in inputs}
        ]
        content = {
            "event": "joint",
            "inputs": [dump(item) for item in inputs],
            "left_out": [dump(item) for item in left_out],
            "joined": dump(await run_in_thread(tools.joint.join, evidence)),
            "environment": dump(environment_of(tools)),
        }
        with storage_errors(self._case.name):
            await self._database.note(TRIP, "", content)
        await self.catch_up()
        return read_trip_view(self.path).joint


def evidence_of(view: CaseView, name: str, taken: Taken | None) -> PhotoEvidence:
    """Return what an answered branch says of its photo, for the joint posterior."""
    answer = view.answer
    assert answer is not None  # its caller has its hash
    return PhotoEvidence(
        key=answer.image.sha256,
        name=f"{name} ({visible(answer.image.name, 40)})",
        clues=answer.clues,
        references=answer.references,
        levels=dict(answer.levels),
        ruled_out=RuledOut(
            places=tuple(exclusion.place for exclusion in answer.excluded),
            circle=None if areas_in(answer.clues) else _last_circle(view),
            areas=tuple(areas_in(answer.clues)),
        ),
        taken=taken,
    )


def _last_circle(view: CaseView) -> SearchCircle | None:
    """Return the circle that a person drew, for answers of versions where it was no clue."""
    acts = [act.input for act in view.people]
    in_force = [acts[position] for position in positions_in_force(acts)]
    drawn = [act.reply for act in in_force if act.action == "map_region"]
    return SearchCircle.model_validate(drawn[-1]) if drawn else None


async def first_branches(database: CaseDatabase) -> list[str]:
    """Return the first branch of every photo, in the order in which they were added."""
    branches = await database.branches()
    return [name for name, content in branches.items() if content.get("forked_from") is None]


async def trip_events(database: CaseDatabase) -> list[Json]:
    """Return the events of the joint trace out of the journal; none for a case of one photo.

    Raises:
        CheckpointError: a row is damaged.
    """
    rows = await database.journal(TRIP)
    if not rows:
        return []
    about = await database.about()
    begun_as = about.case if about is not None else database.case
    opening = {"event": "trip", "format": TRIP_FORMAT, "case": begun_as}
    bodies = [{**opening, "time": rows[0][2].get("time")}, *(content for _, _, content in rows)]
    events: list[Json] = []
    for body in bodies:
        try:
            events.append(link(body, len(events), events[-1]["hash"] if events else FIRST_PREV))
            trip_event_of(events[-1])
        except (ValueError, TypeError, RecursionError) as error:
            raise CheckpointError(f"{database.case}: holds a damaged row") from error
    return events


async def more_photos(
    database: CaseDatabase,
    about: About,
    photos: Sequence[tuple[OpenedPhoto, Taken | None]],
) -> tuple[list[tuple[str, Json]], list[Json]]:
    """Return the rows of branches and of the journal for photos that join a case.

    The first photo stands before them where the journal has none yet: it was alone until now.

    Raises:
        InputError: a photo is in the case already, or the case is full.
    """
    branches = await database.branches()
    known = {name: photo_of(about, branches, name) for name in await first_branches(database)}
    rows, said = photo_rows(about, known, set(branches), photos)
    journal = await database.journal(TRIP)
    return rows, said if journal else [*first_photo_events(known), *said]


def photo_rows(
    about: About,
    known: dict[str, StoredPhoto],
    names: set[str],
    photos: Sequence[tuple[OpenedPhoto, Taken | None]],
) -> tuple[list[tuple[str, Json]], list[Json]]:
    """Return what `more_photos` does, for photos and branch names that are known."""
    digests = {photo.image.sha256 for photo in known.values()}
    said: list[Json] = []
    rows: list[tuple[str, Json]] = []
    for opened, taken in photos:
        if opened.image.sha256 in digests:
            raise InputError(f"{opened.image.name}: is in the case {about.case} already")
        if len(digests) >= MAX_PHOTOS:
            raise InputError(f"{about.case}: a case holds at most {MAX_PHOTOS} photos")
        digests.add(opened.image.sha256)
        numbers = range(len(digests), 10_000)
        branch = next(name for n in numbers if (name := f"photo-{n}") not in names)
        names = names | {branch}
        photo = StoredPhoto(image=opened.image, warnings=opened.warnings)
        rows.append((branch, {"photo": dump(photo), "time": now()}))
        said.append(_photo_event(branch, photo, taken))
    return rows, said


def first_photo_events(known: Mapping[str, StoredPhoto], taken: Taken | None = None) -> list[Json]:
    """Return what the joint trace begins with: the photos of the case so far."""
    return [_photo_event(branch, photo, taken) for branch, photo in known.items()]


def _photo_event(branch: str, photo: StoredPhoto, taken: Taken | None) -> Json:
    time = dump(taken) if taken else None
    return {"event": "photo", "branch": branch, "image": dump(photo.image), "taken": time}


def _time_of(view: CaseView, given: Taken | None) -> Taken | None:
    """Return when a photo was taken: as added last, as given with it, as its file claims."""
    return _time_said(view) or given or _time_in_file(view)


def _time_in_file(view: CaseView) -> Taken | None:
    return file_claim_of_time(view.answer.clues) if view.answer else None


def _time_said(view: CaseView) -> Taken | None:
    """Return the time that a person added to a photo last, None where none did."""
    said = [clue for clue in (view.answer.clues if view.answer else ()) if clue.kind == TIME_KIND]
    return parse_time_taken(said[-1].attributes["time"]) if said else None
