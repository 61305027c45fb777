"""A case of several photos, begun from what one request brings: photos, or a video's frames."""

import secrets
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from fastapi import UploadFile

from geoagent_graph.cases.trip.trip_case import Trip
from geoagent_graph.cases.trip.trip_photos import RefusedPhoto, TripPhotos
from geoagent_graph.errors import InputError
from geoagent_graph.serve.begin_case import FormLimits
from geoagent_graph.serve.service import Service
from geoagent_graph.settings import load_settings
from geoagent_graph.state import RunOptions
from geoagent_graph.trip_types import Taken, parse_times

TRIP_FORM_LIMITS: Final[FormLimits] = {"max_files": 100, "max_fields": 12, "max_part_size": 8192}


async def create_trip(
    service: Service, files: Sequence[UploadFile], times: str, options: RunOptions
) -> tuple[str, tuple[RefusedPhoto, ...]]:
    """Store photos as one case, let their runs begin or queue; return its name and what is bad.

    Raises:
        InputError: there are too many files, or the times do not fit them.
        PhotoError: none of the files can be used.
        StorageError: they cannot be stored.
        HTTPException: 429, as many cases wait as may.
    """
    runner, name = service.runner, secrets.token_hex(16)
    photos = TripPhotos(runner.store, load_settings(), len(files))
    taken = _times_for(files, times)
    runner.require_room()
    for file, time in zip(files, taken, strict=True):
        called = PurePosixPath(file.filename or "").name or "photo"
        async with runner.photo_slots:
            await photos.add(await file.read(), called, time)
    begun = photos.begin_case(
        lambda: runner.tools,
        name=name,
        options=options,
        request=runner.request,
        person=service.person,
    )
    async with begun as case:
        branches = await Trip(case).photos()
    runner.begin_runs(name, branches)
    return name, tuple(photos.refused)


def _times_for(files: Sequence[UploadFile], times: str) -> list[Taken | None]:
    given = times.split(",") if times.strip() else [""] * len(files)
    if len(given) != len(files):
        raise InputError(
            f"times: {len(given)} for {len(files)} files; give one for each, empty where unknown"
        )
    return parse_times(given)
