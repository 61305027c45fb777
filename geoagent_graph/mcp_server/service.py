"""What the tools do: cases that run, points that are looked up, photos that look alike."""

import asyncio
import contextlib
import secrets
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from geoagent_graph.call_threads import run_in_thread
from geoagent_graph.cases.case import Case
from geoagent_graph.cases.case_search import CaseSearch
from geoagent_graph.cases.filing import file_case, rename_case, search_cases
from geoagent_graph.cases.names import name_for, split_name
from geoagent_graph.cases.observer import RunObserver
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.trip.trip_case import Trip
from geoagent_graph.cases.trip.trip_photos import RefusedPhoto, TripPhotos
from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.geo.geocoder import OfflineGeocoder
from geoagent_graph.geo.surroundings import Surroundings
from geoagent_graph.images.allowed import AllowedFolders
from geoagent_graph.images.incoming import IncomingPhoto, read_photo
from geoagent_graph.images.video import MAX_VIDEO_BYTES
from geoagent_graph.mcp_server.results import (
    FiledCase,
    FoundCases,
    Investigation,
    NamedPlaces,
    SimilarPhotos,
    case_line,
    investigation,
    named_position,
)
from geoagent_graph.mcp_server.trip_results import TripResult, trip_result
from geoagent_graph.protocols import GeocodedPoint
from geoagent_graph.settings import Settings
from geoagent_graph.state import RunOptions
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.trip_types import Taken, parse_times
from geoagent_graph.types import Level, Step

WAY = "mcp"
MAX_RUNNING = 2  # photos worked on at a time; more are slower and need more memory
T = TypeVar("T")
OnStep = Callable[[Step], Awaitable[None]]


class Service:
    """The agent behind the tools: one folder of cases, one set of tools, opened when needed."""

    def __init__(
        self,
        settings: Settings,
        folders: AllowedFolders,
        open_tools: Callable[[], Toolbox],
        request: dict[str, Any] | None = None,
        observer: RunObserver | None = None,
    ) -> None:
        """Take what the server works with.

        Args:
            settings: `home` is where cases are kept.
            folders: where photos may be read.
            open_tools: opens the tools; called once, when they are first needed.
            request: what `CaseStore.create` keeps, so that the command line can go on.
            observer: sees the runs of the cases.
        """
        self.store = CaseStore(settings, observer)
        self._settings = settings
        self._folders = folders
        self._open_tools = open_tools
        self._request = request or {}
        self._tools: Toolbox | None = None
        self._opening = threading.Lock()
        self._slots = asyncio.Semaphore(MAX_RUNNING)

    async def begin(
        self, photo: IncomingPhoto, options: RunOptions, on_step: OnStep, *, one_step: bool
    ) -> Investigation:
        """Begin a case and run it: one step, or until it is answered or asks.

        Raises:
            GeoAgentError: the photo cannot be used, or a tool or the disk fails.
        """
        name, data = await asyncio.to_thread(self._read_photo, photo)
        case_name = f"{name_for(name)}-{secrets.token_hex(4)}"

        async def work() -> Investigation:
            async with self.store.create(
                data,
                self.tools,
                name=case_name,
                photo_name=name,
                options=options,
                request=self._request,
            ) as case:
                return await self._run_case(case, on_step, one_step=one_step)

        return await self._in_turn(work)

    async def begin_trip(
        self,
        paths: Sequence[str],
        times: Sequence[str] | None,
        options: RunOptions,
        on_step: OnStep,
    ) -> TripResult:
        """Begin a case of several photos, run them all and weigh them together.

        Raises:
            GeoAgentError: no photo can be used, or a tool or the disk fails.
        """
        taken = parse_times(times if times is not None else [""] * len(paths))
        if len(taken) != len(paths):
            raise InputError(f"times: {len(taken)} for {len(paths)} photos; give one for each")
        photos = TripPhotos(self.store, self._settings, len(paths))

        async def work() -> TripResult:
            for path, time in zip(paths, taken, strict=True):
                await self._add_photo(photos, path, time)
            case_name = f"trip-{secrets.token_hex(4)}"
            begun = photos.begin_case(
                self.tools, name=case_name, options=options, request=self._request
            )
            async with begun as case:
                async for _, event in Trip(case).run():
                    if event.event == "step":
                        await on_step(event.step)
            return await self.trip(case_name, photos.refused)

        return await self._in_turn(work)

    async def trip(self, name: str, refused: Sequence[RefusedPhoto] = ()) -> TripResult:
        """Return what the photos of a case say together.

        Raises:
            InputError: there is no such case, or it has one photo.
        """

        def read() -> TripResult:
            trip = self.store.read_trip(name)
            if trip is None:
                raise InputError(f"{name}: has one photo; read it with investigate_step")
            views = {photo.branch: self.store.read(name, photo.branch) for photo in trip.photos}
            return trip_result(trip, views, refused)

        return await asyncio.to_thread(read)

    async def _add_photo(self, photos: TripPhotos, path: str, taken: Taken | None) -> None:
        most = max(MAX_VIDEO_BYTES, self._settings.max_bytes)
        try:
            name, data = await asyncio.to_thread(self._folders.read, path, most)
        except PhotoError as error:
            photos.refuse(path, error)
            return
        await photos.add(data, name, taken)

    async def resume(
        self, words: str, reply: object | None, on_step: OnStep, *, one_step: bool
    ) -> Investigation:
        """Continue a case, with a reply if its question is open.

        Raises:
            GeoAgentError: there is no such case, the reply does not fit, or something fails.
        """

        async def work() -> Investigation:
            async with self._hold_case(words) as case:
                return await self._run_case(case, on_step, reply=reply, one_step=one_step)

        return await self._in_turn(work)

    async def veto(self, words: str, hypothesis: str, because: str) -> Investigation:
        """Exclude a place for a reason; the case is not run.

        Raises:
            GeoAgentError: there is no such case or hypothesis, or no reason.
        """

        async def work() -> Investigation:
            async with self._hold_case(words) as case:
                await case.veto(hypothesis, because)
                return investigation(self.store.read(case.name, case.branch), ())

        return await self._in_turn(work)

    async def change(
        self, words: str, act: Callable[[Case], Awaitable[object]], on_step: OnStep
    ) -> Investigation:
        """Let a person's act change a case, and run it to its answer or question.

        Raises:
            GeoAgentError: there is no such case, or the act is refused.
        """

        async def work() -> Investigation:
            async with self._hold_case(words) as case:
                await act(case)
                return await self._run_case(case, on_step, one_step=False)

        return await self._in_turn(work)

    async def fork(
        self, words: str, at_step: int, places: Mapping[Level, str], name: str | None
    ) -> Investigation:
        """Return a new branch that leaves a case after a step; it is not run.

        Raises:
            GeoAgentError: there is no such case, step or place, or the name is taken.
        """

        async def work() -> Investigation:
            async with self._hold_case(words) as case:
                branch = await case.fork(at_step, places, name)
                return investigation(self.store.read(case.name, branch), ())

        return await self._in_turn(work)

    async def note(self, words: str, text: str) -> Investigation:
        """Add a remark to a case; it is not run.

        Raises:
            GeoAgentError: there is no such case, or the note is empty or too long.
        """

        async def work() -> Investigation:
            async with self._hold_case(words) as case:
                await case.note(text, self.store.person)
                return investigation(self.store.read(case.name, case.branch), ())

        return await self._in_turn(work)

    async def find(self, wanted: CaseSearch, limit: int) -> FoundCases:
        """Return the cases that fit, the one changed last first."""

        def look() -> FoundCases:
            names = search_cases(self.store, wanted)
            found = self.store.summaries(names[:limit])
            return FoundCases(cases=tuple(map(case_line, found)), total=len(names))

        return await asyncio.to_thread(look)

    async def file(
        self,
        name: str,
        new: str | None,
        add: Sequence[str],
        remove: Sequence[str],
        archived: bool | None,
    ) -> FiledCase:
        """Rename, tag or archive a case.

        Raises:
            GeoAgentError: there is no such case, the name is taken, or a tag is none.
        """
        store = self.store
        labels = await asyncio.to_thread(
            lambda: file_case(store, name, add=add, remove=remove, archived=archived)
        )
        if new is not None and new != name:
            await rename_case(store, name, new, way=WAY)
        return FiledCase(case=new or name, tags=labels.tags, archived=labels.archived)

    async def delete(self, name: str) -> str:
        """Delete a case, and say what became of its photos.

        Raises:
            GeoAgentError: there is no such case, or it is worked on.
        """
        removal = await asyncio.to_thread(self.store.delete, name)
        return (
            f"{name}: deleted; photos removed: {removal.photos}, kept for others: {removal.shared}"
        )

    async def places(self, name: str, limit: int) -> NamedPlaces:
        """Return the places that a name may mean; none where there is none."""

        def look_up() -> NamedPlaces:
            found = self.tools().geocoder.forward(name, limit)
            return NamedPlaces(places=tuple(map(named_position, found)))

        return await asyncio.to_thread(look_up)

    def options(self, **chosen: Any) -> RunOptions:
        """Return the settings' options with those that were chosen."""
        return RunOptions(**{"budget": self._settings.budget, **chosen})

    async def reverse(self, lat_deg: float, lon_deg: float) -> GeocodedPoint:
        """Return what lies at a point.

        Raises:
            InputError: a coordinate is not finite, or out of range.
        """

        def look_up() -> GeocodedPoint:
            return self.tools().geocoder.reverse(lat_deg, lon_deg)

        return await asyncio.to_thread(look_up)

    async def surroundings(self, lat_deg: float, lon_deg: float) -> Surroundings:
        """Return what lies at a point and around it; a plug-in's geocoder knows the point alone.

        Raises:
            InputError: a coordinate is not finite, or out of range.
        """

        def look_around() -> Surroundings:
            geocoder = self.tools().geocoder
            if isinstance(geocoder, OfflineGeocoder):
                return geocoder.surroundings(lat_deg, lon_deg)
            return Surroundings(geocoder.reverse(lat_deg, lon_deg), None, None, None)

        return await asyncio.to_thread(look_around)

    async def similar(
        self, photo: IncomingPhoto, k: int, country_codes: frozenset[str] | None
    ) -> SimilarPhotos:
        """Return the reference photos that look most like a photo.

        Raises:
            InputError: the server was started without an index.
            PhotoError: the photo cannot be used.
        """

        def search_index() -> SimilarPhotos:
            tools = self.tools()
            if tools.retriever is None:
                raise InputError("no reference photos: start the server with --index DIR")
            name, data = self._read_photo(photo)
            image = tools.images.open(data, name).image
            pixels = tools.images.pixels(image, tools.encoder_max_side)
            found = tools.retriever.search(pixels, k, country_codes)
            return SimilarPhotos(photo_sha256=image.sha256, references=tuple(found))

        async with self._slots:
            return await run_in_thread(search_index)

    def tools(self) -> Toolbox:
        """Return the tools; opens them on the first call, which may take seconds."""
        with self._opening:
            if self._tools is None:
                self._tools = self._open_tools()
            return self._tools

    async def aclose(self) -> None:
        """Close the connections of the tools, where they were opened."""
        if self._tools is not None:
            await self._tools.aclose()

    @contextlib.asynccontextmanager
    async def _hold_case(self, words: str) -> AsyncIterator[Case]:
        name, branch = split_name(words)
        async with self.store.hold(name, self.tools, branch) as case:
            yield case

    async def _run_case(
        self, case: Case, on_step: OnStep, *, one_step: bool, reply: object | None = None
    ) -> Investigation:
        steps = []
        async for event in case.run(reply=reply, one_step=one_step):
            if event.event == "step":
                steps.append(event.step)
                await on_step(event.step)
        return investigation(self.store.read(case.name, case.branch), steps)

    async def _in_turn(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what the work returns, when its turn has come; a cancelled call stops it.

        A task of its own: the protocol's cancellation would strike at every await, also at those
        that close the case.
        """
        task = asyncio.create_task(self._run_in_slot(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.cancel()
            raise

    async def _run_in_slot(self, work: Callable[[], Awaitable[T]]) -> T:
        async with self._slots:
            return await work()

    def _read_photo(self, photo: IncomingPhoto) -> tuple[str, bytes]:
        return read_photo(photo, self._folders, self._settings.max_bytes)
