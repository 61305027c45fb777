"""Photos of a trip out of files as people have them: opened, videos cut, bad ones named.

photos = TripPhotos(store, settings, len(files))
for data, name, taken in files:
    await photos.add(data, name, taken)
async with photos.begin_case(lambda: tools, name="trip") as case:
    ...
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.call_threads import run_in_thread
from geoagent_graph.cases.case import MAX_NOTE_CHARS, Case
from geoagent_graph.cases.trip.trip_case import PhotoIn
from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.images.source import display_name, read_file
from geoagent_graph.images.video import MAX_VIDEO_BYTES, frames_of, is_video
from geoagent_graph.protocols import OpenedPhoto
from geoagent_graph.regular_files import open_regular
from geoagent_graph.settings import Settings
from geoagent_graph.state import RunOptions
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.trip_types import MAX_PHOTOS, Taken, time_in_video
from geoagent_graph.types import FrozenModel, Json

if TYPE_CHECKING:
    from geoagent_graph.cases.store import CaseStore

_HEAD_BYTES = 64


class RefusedPhoto(FrozenModel):
    """A file that takes no part in a trip, and why."""

    name: str
    reason: str


class TripPhotos:
    """The photos of a trip that can be used, in the order in which they were given.

    A file that cannot be used is in `refused`, and the others go on.
    """

    def __init__(self, store: "CaseStore", settings: Settings, number: int) -> None:
        """Take where photos are kept, and how many files will come.

        Raises:
            InputError: a trip holds fewer.
        """
        require_count(number)
        self.refused: list[RefusedPhoto] = []
        self._good: list[tuple[OpenedPhoto, Taken | None]] = []
        self._store, self._settings = store, settings
        self._frames = MAX_PHOTOS - number + 1  # that a video may add

    async def add(self, source: bytes | Path, name: str, taken: Taken | None = None) -> None:
        """Take a photo, or the frames of a video, unless they cannot be used.

        Raises:
            StorageError: the photo cannot be stored.
        """
        try:
            for photo in await run_in_thread(self._photos_in, source, name, taken):
                self._take_once(await self._store.open_photo(photo), photo.taken)
        except PhotoError as error:
            self.refuse(name, error)

    def refuse(self, name: str, error: PhotoError) -> None:
        """Note that a file cannot be used, and why."""
        shown = display_name(name)
        self._note_refusal(shown, str(error).removeprefix(f"{shown}: "))

    @contextlib.asynccontextmanager
    async def begin_case(
        self,
        open_tools: Callable[[], Toolbox],
        *,
        name: str | None = None,
        options: RunOptions | None = None,
        request: Json | None = None,
        person: str | None = None,
    ) -> AsyncIterator[Case]:
        """Yield a new case of the photos, not yet run.

        The arguments are those of `CaseStore.create`. A note in its trace names what was refused.

        Raises:
            PhotoError: there is no photo that can be used.
            InputError: there is a case of that name.
            StorageError: it cannot be stored.
        """
        if not self._good:
            first = self.refused[0]
            raise PhotoError(f"no photo can be used; {first.name}: {first.reason}")
        (first_photo, taken), *others = self._good
        held = self._store.create(
            first_photo,
            open_tools,
            name=name,
            options=options,
            request=request,
            person=person,
            taken=taken,
            others=[PhotoIn(opened, taken=time) for opened, time in others],
        )
        async with held as case:
            if self.refused:
                await case.note(
                    self._refusal_words()[:MAX_NOTE_CHARS], person or self._store.person
                )
            yield case

    def _photos_in(self, source: bytes | Path, name: str, taken: Taken | None) -> list[PhotoIn]:
        """Return a photo as it is, a video as its frames.

        Raises:
            PhotoError: a video that cannot be read, or a second one.
        """
        if not is_video_file(source):
            return [PhotoIn(source, name, taken)]
        if self._frames < 1:
            raise PhotoError(f"{display_name(name)}: a second video; a trip has the times of one")
        most, self._frames = self._frames, 0
        return photos_of_video(source, name, self._settings, most)

    def _take_once(self, opened: OpenedPhoto, taken: Taken | None) -> None:
        image = opened.image
        same = next((o.image for o, _ in self._good if o.image.sha256 == image.sha256), None)
        if same is not None:
            self._note_refusal(image.name, f"is the same file as {same.name}")
        else:
            self._good.append((opened, taken))

    def _note_refusal(self, name: str, reason: str) -> None:
        self.refused.append(RefusedPhoto(name=name, reason=reason))

    def _refusal_words(self) -> str:
        """Return what is to stand in the trace about the files that take no part."""
        listed = "; ".join(f"{photo.name}: {photo.reason}" for photo in self.refused)
        return f"files that were given and take no part: {listed}"


def require_count(number: int) -> None:
    """Refuse more files than a case holds.

    Raises:
        InputError: there are more.
    """
    if number > MAX_PHOTOS:
        raise InputError(
            f"{number} files: a trip holds at most {MAX_PHOTOS} photos; leave out "
            f"{number - MAX_PHOTOS}, or send them as trips of their own"
        )


def photos_of_video(
    source: bytes | Path, name: str, settings: Settings, most: int
) -> list[PhotoIn]:
    """Return at most so many frames of a video as photos, with their times since it began.

    Raises:
        PhotoError: it cannot be read.
    """
    data = source if isinstance(source, bytes) else read_file(source, MAX_VIDEO_BYTES)
    return [
        PhotoIn(frame.jpeg, f"{name} at {frame.time}", time_in_video(frame.time, frame.at_s))
        for frame in frames_of(data, name, settings, most)
    ]


def is_video_file(source: bytes | Path) -> bool:
    """Return whether a file begins as a video does; False where it cannot be read."""
    if isinstance(source, bytes):
        return is_video(source[:_HEAD_BYTES])
    try:
        with open_regular(source) as file:
            return is_video(file.read(_HEAD_BYTES))
    except OSError:
        return False
