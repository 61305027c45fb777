"""What a new case begins with, stored in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from geoagent_graph.cases.database import CaseDatabase
from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.rows import About, StoredPhoto
from geoagent_graph.cases.trip.trip_case import first_photo_events, photo_rows
from geoagent_graph.errors import InputError
from geoagent_graph.protocols import OpenedPhoto
from geoagent_graph.trip_types import Taken
from geoagent_graph.types import Json


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the case is, the first branch of each photo, and what is said of several together."""

    about: About
    photos: list[tuple[str, Json]]
    said: list[Json]


def beginning_of(
    about: About, more: Sequence[tuple[OpenedPhoto, Taken | None]], taken: Taken | None
) -> Beginning:
    """Return what a case of one photo, or of more of them, begins with.

    Raises:
        InputError: a photo is given twice, or there are too many.
    """
    first = {MAIN: StoredPhoto(image=about.image, warnings=about.warnings)}
    rows, said = photo_rows(about, first, {MAIN}, more)
    if more or taken is not None:
        said = [*first_photo_events(first, taken), *said]
    return Beginning(about, [(MAIN, {}), *rows], said)


async def begin_case(database: CaseDatabase, name: str, beginning: Beginning | None) -> None:
    """Store what a new case is, or migrate an old one.

    Raises:
        InputError: there is a case of that name already, or none was begun.
    """
    begun = await database.about()
    if beginning is None and begun is None:
        raise InputError(f"{name}: was never begun. Investigate the photo again.")
    if beginning is not None and begun is not None:
        raise InputError(
            f"{name}: there is a case of that name. Resume it, or choose another name."
        )
    if beginning is not None:
        await database.begin(beginning.about, beginning.photos, beginning.said)
    elif begun is not None:
        await database.migrate(begun)
