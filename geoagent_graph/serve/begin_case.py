"""What both ways of sending a photo share."""

import secrets
from typing import Final, TypedDict

from fastapi import UploadFile

from geoagent_graph.questions import Ask
from geoagent_graph.serve.service import Service
from geoagent_graph.settings import load_settings
from geoagent_graph.state import RunOptions


class FormLimits(TypedDict, total=False):
    """What a form with a photo may hold; texts in bytes."""

    max_files: int
    max_fields: int
    max_part_size: int


FORM_LIMITS: Final[FormLimits] = {"max_files": 1, "max_fields": 8, "max_part_size": 1024}


async def begin_case(service: Service, photo: UploadFile, ask: Ask, use_exif: bool) -> str:
    """Store a photo, let its run begin or queue, and return the name of its case.

    Raises:
        PhotoError: it is no photo, or a damaged or too large one.
        StorageError: it cannot be stored.
        HTTPException: 429, as many cases wait as may.
    """
    name = secrets.token_hex(16)
    options = RunOptions(use_exif=use_exif, budget=load_settings().budget, ask=ask)
    async with service.runner.photo_slots:
        content = await photo.read()
        await service.runner.create(content, photo.filename or "photo", name, options)
    return name
