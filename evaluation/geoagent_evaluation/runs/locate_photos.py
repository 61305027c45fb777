"""Photos located with the agent, and what was seen in each."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from geoagent_evaluation.runs.manifest import ManifestPhoto
from geoagent_graph.api import locate
from geoagent_graph.errors import GeoAgentError
from geoagent_graph.protocols import Retriever
from geoagent_graph.state import RunOptions
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Answer, Reference

_WAITING_PER_PLACE = 4  # so that one slow photo does not leave the others' places empty


@dataclass(frozen=True, slots=True)
class Located:
    """What became of a photo; `references` are those that look like it in the whole world."""

    photo: ManifestPhoto
    answer: Answer | None
    error: str | None = None
    references: tuple[Reference, ...] = ()


class WorldSearch:
    """A `Retriever` that keeps what it found in the whole world; an answer keeps the last search.

    It stands for another one during the run of one photo.
    """

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self.found: tuple[Reference, ...] = ()

    def identity(self) -> Mapping[str, JsonValue]:
        """Return that of the retriever it stands for."""
        return self._retriever.identity()

    def search(
        self, pixels: NDArray[np.uint8], k: int, country_codes: frozenset[str] | None = None
    ) -> list[Reference]:
        """Return what the retriever finds."""
        found = self._retriever.search(pixels, k, country_codes)
        if country_codes is None:
            self.found = tuple(found)
        return found


async def locate_photos(
    photos: Iterable[ManifestPhoto], toolbox: Toolbox, options: RunOptions, in_flight: int
) -> AsyncIterator[Located]:
    """Yield what became of each photo, in the order given; one that fails stops no other."""
    slots = asyncio.Semaphore(in_flight)
    running: deque[asyncio.Task[Located]] = deque()
    try:
        for photo in photos:
            running.append(asyncio.create_task(_locate_one(photo, toolbox, options, slots)))
            if len(running) >= _WAITING_PER_PLACE * in_flight:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()


async def _locate_one(
    photo: ManifestPhoto, toolbox: Toolbox, options: RunOptions, slots: asyncio.Semaphore
) -> Located:
    search = WorldSearch(toolbox.retriever) if toolbox.retriever is not None else None
    async with slots:
        try:
            answer = await locate(
                photo.path, toolbox=replace(toolbox, retriever=search), options=options
            )
        except GeoAgentError as error:
            return Located(photo, None, error=str(error))
    return Located(photo, answer, references=search.found if search else ())
