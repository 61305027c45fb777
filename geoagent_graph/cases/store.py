"""All cases of one folder.

    from pathlib import Path
    from geoagent_graph import load_settings, open_toolbox
    from geoagent_graph.cases.store import CaseStore

    store = CaseStore(load_settings())
    async with store.create(Path("photo.jpg"), open_toolbox) as case:
        async for event in case.run():
            print(event.event)

The folder (`settings.home`) holds `photos/`, each photo once under its SHA-256, and `cases/NAME/`
with `case.sqlite`, `lock`, and one `BRANCH.geotrace.jsonl` per branch. `deleted/` is where a case
goes to be deleted, `serving/` marks the runs that a server has begun, `labels.lock` is held while
tags change.
"""

import asyncio
import contextlib
import functools
import warnings
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.call_threads import run_in_thread
from geoagent_graph.cases.beginning import Beginning, begin_case, beginning_of
from geoagent_graph.cases.case import Case
from geoagent_graph.cases.case_list import store_summaries, summarize_case
from geoagent_graph.cases.database import now, open_database
from geoagent_graph.cases.environment import environment_of
from geoagent_graph.cases.key_store import KeyStore
from geoagent_graph.cases.locks import (
    acquire_lock,
    release_at_end,
    require_folder,
    reserve_name,
)
from geoagent_graph.cases.names import MAIN, check_name, name_for
from geoagent_graph.cases.observer import RunObserver
from geoagent_graph.cases.removal import Removal, delete_case
from geoagent_graph.cases.rows import About
from geoagent_graph.cases.storage import file_errors, require_begun
from geoagent_graph.cases.summary import CaseSummary
from geoagent_graph.cases.trace_file import SUFFIX, read_whole_lines
from geoagent_graph.cases.trip.trip_case import (
    PhotoIn,
    Trip,
    first_branches,
)
from geoagent_graph.cases.trip.trip_events import TRIP_SUFFIX
from geoagent_graph.cases.trip.trip_view import TripView, read_trip_view
from geoagent_graph.cases.view import CaseView, read_view
from geoagent_graph.errors import CaseHeld, CaseNotFound, GeoAgentError, InputError
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.protocols import OpenedPhoto
from geoagent_graph.settings import Settings, current_person, prepare_process
from geoagent_graph.state import RunOptions
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.trip_types import Taken
from geoagent_graph.types import Json
from geoagent_graph.whole_files import make_folders

if TYPE_CHECKING:
    import filelock

    from geoagent_graph.images.given import GivenPhoto

MAX_LOCK_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One case in a list: its branches, or why it cannot be read.

    `trip` is what several photos of it say together, None for a case of one photo.
    """

    name: str
    branches: tuple[CaseView, ...]
    problem: str | None = None
    trip: TripView | None = None


class CaseStore:
    """The cases and photos of one folder; reading needs no lock, changing a case holds its lock."""

    def __init__(self, settings: Settings, observer: RunObserver | None = None) -> None:
        """Take the folder of the settings, and who is to see the runs of its cases.

        Args:
            settings: `home` is the folder.
            observer: sees every run; `telemetry.open_tracing` makes one of the settings.

        Raises:
            InputError: something that is no folder has that name.
        """
        prepare_process()  # before anything of LangGraph is imported
        self._settings = settings
        self.home = settings.home.absolute()
        if self.home.exists() and not self.home.is_dir():
            raise InputError(f"{settings.home}: is no folder; cases are kept in one, name another")
        self.person = current_person(settings)
        self.keys = KeyStore(self.home)
        self._cases = self.home / "cases"
        self.images = PhotoStore(settings, settings.home / "photos")
        self._observer = observer

    @contextlib.asynccontextmanager
    async def create(
        self,
        photo: "GivenPhoto | OpenedPhoto",
        open_tools: Callable[[], Toolbox],
        *,
        name: str | None = None,
        photo_name: str | None = None,
        options: RunOptions | None = None,
        request: Json | None = None,
        taken: Taken | None = None,
        others: Sequence[PhotoIn] = (),
        person: str | None = None,
    ) -> AsyncIterator[Case]:
        """Yield a new case, stored but not yet run.

        Args:
            photo: a path, the bytes of an image file, or what else `photo_source` takes; what
                `open_photo` returned is not read again.
            open_tools: opens the tools; called once, in a worker thread. Their `images` are
                replaced by the store's.
            name: a name of a-z, 0-9, - and _; None makes one from the photo's.
            photo_name: what to call the photo; None takes the file's name.
            options: choices for the run; None takes the settings' defaults.
            request: whatever the caller needs to open the same tools again; see `request_of`.
            taken: when a person says the photo was taken; counts beside `others`.
            others: more photos of the same trip; see `trip_case.Trip`.
            person: who begins it; None takes the person of the settings.

        Raises:
            InputError: there is a case of that name.
            PhotoError: the photo is missing, unreadable, too large or not a photo.
            StorageError: the folder cannot be written.
        """
        if name is not None:
            check_name(name)
        opened = await self.open_photo(PhotoIn(photo, photo_name))
        more = [(await self.open_photo(other), other.taken) for other in others]
        tools = self._with_images(await asyncio.to_thread(open_tools))
        about = About(
            time=now(),
            case=name or name_for(opened.image.name),
            image=opened.image,
            options=options or RunOptions(budget=self._settings.budget),
            warnings=opened.warnings,
            environment=environment_of(tools),
            request=request or {},
            person=person or self.person,
        )
        beginning = beginning_of(about, more, taken)  # what is refused leaves no folder
        case_name, lock = await run_in_thread(self._reserve_name, name, opened.image.name)
        beginning = replace(beginning, about=about.model_copy(update={"case": case_name}))
        with release_at_end(lock):
            async with self._open_case(case_name, MAIN, lambda: tools, beginning) as case:
                for begun in (opened, *(other for other, _ in more)):
                    self.images.release(begun.image)
                yield case

    @contextlib.asynccontextmanager
    async def hold(
        self, name: str, open_tools: Callable[[], Toolbox], branch: str = MAIN
    ) -> AsyncIterator[Case]:
        """Yield a case, locked: until it is let go, no other process can change it.

        `open_tools` is called when they are first needed: a note or a veto needs none.

        Raises:
            InputError: there is no such case or branch.
            CaseHeld: another process holds it.
            CheckpointError: it is damaged, or of another version.
            StorageError: it cannot be read or written.
        """
        self._require_case(name)
        if not self.trace_path(name).exists():
            await run_in_thread(require_begun, self.database_path(name), name)
        lock = await run_in_thread(acquire_lock, self._case_folder(name), name, MAX_LOCK_SECONDS)
        with release_at_end(lock):
            tools_of_case = functools.partial(self._open_tools_of_case, open_tools)
            async with self._open_case(name, branch, tools_of_case, None) as case:
                yield case

    def has(self, name: str) -> bool:
        """Return whether there is a case of that name, also one that cannot be read."""
        return self._case_folder(name).is_dir()

    def delete(self, name: str) -> Removal:
        """Delete a case with all its branches, and the photos that no other case holds.

        Raises:
            InputError: there is no such case.
            CaseHeld: a process works on it.
            StorageError: it cannot be deleted.
        """
        self._require_case(name)
        return delete_case(self.home, self.images, name)

    async def open_photo(self, photo: PhotoIn) -> OpenedPhoto:
        """Return a photo that has been read, checked and kept, to be added to a case.

        Raises:
            PhotoError: it is missing, unreadable, too large or not a photo.
            StorageError: the folder cannot be written.
        """
        if isinstance(photo.source, OpenedPhoto):
            return photo.source
        return await run_in_thread(self.images.open, photo.source, photo.name, claim=True)

    async def opened(self, photo: PhotoIn) -> OpenedPhoto:
        """Return what `open_photo` returns, under its name before."""
        warnings.warn("CaseStore.opened is now open_photo", DeprecationWarning, stacklevel=2)
        return await self.open_photo(photo)

    async def request_of(self, name: str) -> Json:
        """Return what `create` was given as `request`."""
        self._require_case(name)
        path = self.database_path(name)
        await run_in_thread(require_begun, path, name)
        async with open_database(path, name, read_only=True) as database:
            about = await database.about()
        return about.request if about else {}

    def read(self, name: str, branch: str = MAIN) -> CaseView:
        """Return what the trace of a branch says; its chain has been checked.

        Raises:
            InputError: there is no such case or branch.
            CheckpointError: the trace is damaged or was changed.
        """
        self.require(name, branch)
        return read_view(self.trace_path(name, branch), self.images.pixels, name)

    def require(self, name: str, branch: str = MAIN) -> None:
        """Refuse what is not there.

        Raises:
            InputError: there is no such case or branch.
        """
        self._require_case(name)
        if not self.trace_path(name, branch).is_file():
            there = ", ".join(self.branches(name)) or "none yet"
            raise CaseNotFound(f"{name}/{branch}: no such branch; there is: {there}")

    def entries(self) -> list[CaseEntry]:
        """Return every case, by name; one that cannot be read says why."""
        found = []
        for name in sorted(self.names()):
            try:
                views = tuple(self.read(name, branch) for branch in self.branches(name))
                problem = None if views else "was never begun"
                found.append(CaseEntry(name, views, problem, self.read_trip(name)))
            except GeoAgentError as error:
                found.append(CaseEntry(name, (), str(error)))
        return found

    def summaries(self, names: Sequence[str]) -> list[CaseSummary]:
        """Return the summary of each case that is named; one that cannot be read says why.

        Traces are read where they are others than those that were summed up before.
        """
        return [summarize_case(name, self._case_folder(name)) for name in names]

    def folder(self, name: str) -> Path:
        """Return where the files of a case are.

        Raises:
            InputError: there is no such case.
        """
        self._require_case(name)
        return self._case_folder(name)

    def names(self) -> list[str]:
        """Return the names of all cases, the one changed last first."""
        with file_errors(str(self._cases)):
            timed = [(path.stat().st_mtime_ns, path.name) for path in self._cases.glob("*/")]
        return [name for _, name in sorted(timed, reverse=True)]

    def branches(self, name: str) -> list[str]:
        """Return the branches of a case that have a trace, the main one first."""
        files = self._case_folder(name).glob(f"*{SUFFIX}")
        names = sorted(path.name.removesuffix(SUFFIX) for path in files)
        return sorted(names, key=lambda branch: branch != MAIN)

    def trace_path(self, name: str, branch: str = MAIN) -> Path:
        """Return where the trace of a branch is."""
        return self._case_folder(name) / f"{check_name(branch, 'branch')}{SUFFIX}"

    def read_trip(self, name: str) -> TripView | None:
        """Return what several photos of a case say together; None for a case of one photo.

        Raises:
            InputError: there is no such case.
            CheckpointError: its joint trace is damaged or was changed.
        """
        self._require_case(name)
        path = self.trip_path(name)
        trip = read_trip_view(path, name) if path.is_file() else None
        return trip if trip is not None and len(trip.photos) > 1 else None

    def trip_path(self, name: str) -> Path:
        """Return where the joint trace of a case of several photos is."""
        return self._case_folder(name) / f"joint{TRIP_SUFFIX}"

    def trace_text(self, name: str, branch: str = MAIN) -> str:
        """Return a branch's trace as it is to be handed on: its whole lines, byte for byte.

        Raises:
            InputError: there is no such case or branch.
            StorageError: it cannot be read.
        """
        self.require(name, branch)
        return read_whole_lines(self.trace_path(name, branch))

    def trip_text(self, name: str) -> str:
        """Return the joint trace of a case as it is to be handed on.

        Raises:
            InputError: there is no such case, or it has one photo.
            StorageError: it cannot be read.
        """
        self._require_case(name)
        path = self.trip_path(name)
        if not path.is_file():
            raise InputError(f"{name}: has one photo, and no joint trace")
        return read_whole_lines(path)

    def database_path(self, name: str) -> Path:
        """Return where the checkpoints of a case are."""
        return self._case_folder(name) / "case.sqlite"

    def is_held(self, name: str) -> bool:
        """Return whether a process works on the case right now."""
        self._require_case(name)
        try:
            acquire_lock(self._case_folder(name), name, 0.0).release()
        except CaseHeld:
            return True
        return False

    @contextlib.asynccontextmanager
    async def _open_case(
        self,
        name: str,
        branch: str,
        open_tools: Callable[[], Toolbox],
        beginning: Beginning | None,
    ) -> AsyncIterator[Case]:
        """Yield a case whose lock is held."""
        async with open_database(self.database_path(name), name) as database:
            await begin_case(database, name, beginning)
            if branch not in await database.branches():
                there = ", ".join(await database.branches())
                raise CaseNotFound(f"{name}/{branch}: no such branch; there is: {there}")
            folder, pixels = self._case_folder(name), self.images.pixels
            case = Case(name, branch, folder, database, open_tools, pixels, self._observer)
            await case.catch_up()
            await Trip(case).catch_up()
            for photo in await first_branches(database):
                await case.at(photo)
            try:
                yield case
            finally:
                await case.stop()
                with contextlib.suppress(GeoAgentError):  # the list makes it anew
                    await run_in_thread(store_summaries, folder, case.opened_branches())

    def _reserve_name(
        self, name: str | None, photo_name: str
    ) -> "tuple[str, filelock.BaseFileLock]":
        """Return the name of a new case and its lock, taken; None finds one that is free."""
        if name is None:
            return reserve_name(name_for(photo_name), self._case_folder)
        with file_errors(name):
            make_folders(self._case_folder(name), mode=0o700)
        return name, acquire_lock(self._case_folder(name), name, MAX_LOCK_SECONDS)

    def _open_tools_of_case(self, open_tools: Callable[[], Toolbox]) -> Toolbox:
        return self._with_images(open_tools())

    def _with_images(self, tools: Toolbox) -> Toolbox:
        return replace(tools, images=self.images)

    def _case_folder(self, name: str) -> Path:
        return self._cases / check_name(name)

    def _require_case(self, name: str) -> None:
        require_folder(self._case_folder(name), name)
