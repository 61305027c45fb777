"""What a person knows of a photo before it is located: `--near`, `--country` and `--context`.

The options are the fields of `KnownFlags`. A command that takes them has a parameter
`known: KnownFlags` and is decorated with `takes_known_flags`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from geoagent_graph.cli.flag_groups import CommandT, takes_flags
from geoagent_graph.errors import InputError

if TYPE_CHECKING:
    from geoagent_graph.search_areas import SearchCircle
    from geoagent_graph.state import RunOptions

MAX_OUTLINE_BYTES: Final = 5_000_000
CONTEXT_OPTION: Final = "--context"


@dataclass(frozen=True, slots=True)
class KnownFlags:
    """Where a photo lies and what is known of it, as given; None is not given."""

    near: Annotated[
        str | None,
        typer.Option(metavar="LAT,LON,KM", help="It was taken in this circle: look nowhere else."),
    ] = None
    country: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COUNTRY", help="It was taken in this country, by code or name; repeatable."
        ),
    ] = None
    context: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="What you know of it; the places that it names are weighed."
        ),
    ] = None

    def apply(self, options: "RunOptions") -> "RunOptions":
        """Return options of a run with what is known of the photo.

        Raises:
            InputError: one of them cannot be read.
        """
        from geoagent_graph.state import MAX_CONTEXT_CHARS

        context = self.context or ""
        if len(context) > MAX_CONTEXT_CHARS:
            raise InputError(f"{CONTEXT_OPTION}: is longer than {MAX_CONTEXT_CHARS:,} characters")
        changes: dict[str, Any] = {
            "near": circle_of("--near", self.near) if self.near is not None else None,
            "countries": country_codes_of(self.country or []),
            "context": context,
        }
        return options.model_copy(update=changes)


def takes_known_flags(command: CommandT) -> CommandT:
    """Return the command with the fields of `KnownFlags` as options in place of `known`."""
    return takes_flags(KnownFlags, "known")(command)


def circle_of(option: str, given: str) -> "SearchCircle":
    """Return a circle out of "LAT,LON,KM", or of a position in another form and ",KM".

    Raises:
        InputError: it is none; the message names the option.
    """
    from geoagent_graph.search_areas import circle_from

    try:
        return circle_from(given)
    except InputError as error:
        raise InputError(f"{option} {given}: {error}") from error


def read_numbers(option: str, given: str, names: Sequence[str]) -> dict[str, float]:
    """Return numbers that stand in one option, by name.

    Raises:
        InputError: they are too few, too many or no numbers.
    """
    try:
        numbers = [float(part) for part in given.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != len(names) or not all(math.isfinite(number) for number in numbers):
        raise InputError(f"{option} {given}: give {len(names)} numbers: {','.join(names)}")
    return dict(zip(names, numbers, strict=True))


def country_codes_of(given: Sequence[str]) -> tuple[str, ...]:
    """Return the ISO codes of countries that are given by code or by name in any language.

    Raises:
        InputError: there is no such country, or several have the name.
    """
    return tuple(dict.fromkeys(_country_code(words.strip()) for words in given))


def _country_code(words: str) -> str:
    from geoagent_graph.geo.countries import country_codes, country_names
    from geoagent_graph.geo.names import fold

    if words.upper() in country_codes():
        return words.upper()
    found = country_names().get(fold(words), [])
    if len(found) != 1:
        why = f"may be {' or '.join(found)}" if found else "no such country"
        raise InputError(f"--country {words}: {why}; write its ISO 3166-1 code, as PT")
    return found[0]


def outline_of(path: Path) -> dict[str, Any]:
    """Return the GeoJSON of a file.

    Raises:
        InputError: it cannot be read or is no JSON object.
    """
    import json

    from geoagent_graph.regular_files import read_regular

    try:
        content = json.loads(read_regular(path, MAX_OUTLINE_BYTES))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is no GeoJSON") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: is no GeoJSON")
    return content
