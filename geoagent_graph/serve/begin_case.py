"""What both ways of sending a photo share."""

import secrets
from typing import Annotated, Any, Final, TypedDict

from fastapi import Form, Request, UploadFile

from geoagent_graph.errors import InputError
from geoagent_graph.geo.countries import country_codes
from geoagent_graph.positions.forms import MAX_CHARS
from geoagent_graph.questions import Ask
from geoagent_graph.search_areas import MAX_COUNTRIES, circle_from
from geoagent_graph.serve.service import Service
from geoagent_graph.settings import load_settings
from geoagent_graph.state import MAX_CONTEXT_CHARS, RunOptions


class FormLimits(TypedDict, total=False):
    """What a form with a photo may hold; texts in bytes."""

    max_files: int
    max_fields: int
    max_part_size: int


FORM_LIMITS: Final[FormLimits] = {"max_files": 1, "max_fields": 8, "max_part_size": 4096}
Near = Annotated[
    str,
    Form(
        max_length=MAX_CHARS,
        description="LAT,LON,KM: it was taken in this circle; empty for anywhere. Before the last "
        "comma any form of a position: MGRS, a plus code, the link of a map.",
    ),
]
Countries = Annotated[
    str, Form(description="PT,ES: ISO codes of the countries it was taken in; empty for any.")
]
Context = Annotated[
    str,
    Form(max_length=MAX_CONTEXT_CHARS, description="What is known of it; named places count."),
]


async def refuse_unknown_fields(request: Request) -> None:
    """Refuse a form with a field that its route does not take: a condition that counts for nothing.

    Raises:
        InputError: it has one.
    """
    taken = [field.alias for field in request.scope["route"].dependant.body_params]
    for name in await request.form():
        if name not in taken:
            raise InputError(f"{name}: is not known here; a form takes {', '.join(taken)}")


def known_of(near: str, countries: str, context: str) -> dict[str, Any]:
    """Return what is known of a photo as options of its run.

    Raises:
        InputError: one of them cannot be read.
    """
    codes = [code.strip().upper() for code in countries.split(",") if code.strip()]
    unknown = [code for code in codes if code not in country_codes()]
    if unknown:
        raise InputError(f"countries: {unknown[0]} is no country; write ISO codes, as PT,ES")
    if len(codes) > MAX_COUNTRIES:
        raise InputError(f"countries: at most {MAX_COUNTRIES} are taken")
    try:
        circle = circle_from(near) if near.strip() else None
    except InputError as error:
        raise InputError(f"near: {error}") from error
    return {"near": circle, "countries": tuple(codes), "context": context.strip()}


def run_options(ask: Ask, use_exif: bool, known: dict[str, Any]) -> RunOptions:
    """Return the options of a run, with the budget of the settings."""
    return RunOptions(use_exif=use_exif, budget=load_settings().budget, ask=ask, **known)


async def begin_case(
    service: Service, photo: UploadFile, ask: Ask, use_exif: bool, known: dict[str, Any]
) -> str:
    """Store a photo, let its run begin or queue, and return the name of its case.

    Raises:
        PhotoError: it is no photo, or a damaged or too large one.
        StorageError: it cannot be stored.
        HTTPException: 429, as many cases wait as may.
    """
    name, options = secrets.token_hex(16), run_options(ask, use_exif, known)
    async with service.runner.photo_slots:
        content = await photo.read()
        await service.runner.create(
            content, photo.filename or "photo", name, options, service.person
        )
    return name
