"""The row schema of training data: one photo, its place, and optionally a chain of thought.

The chain is the one of the GeoAgent paper (arXiv 2602.12617): three levels, each with clues,
reasoning, conclusion and uncertainty, then a final answer "Country; Region; Specific location".
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geoagent_graph.errors import InputError
from geoagent_graph.types import LatDeg, LonDeg
from geoagent_graph.validation_words import validation_words

MAX_LINE_BYTES = 1_000_000
Text = Annotated[str, Field(max_length=20_000)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LevelOfChain(_Row):
    """One level of a chain; the field names are the paper's."""

    Clues: tuple[Text, ...]
    Reasoning: Text
    Conclusion: Text
    Uncertainty: Text


class ChainOfThought(_Row):
    """Country, region and precise location, then the final answer."""

    CountryIdentification: LevelOfChain
    RegionalGuess: LevelOfChain
    PreciseLocalization: LevelOfChain
    FinalAnswer: Text


class LocatedPhoto(_Row):
    """A photo and where it was taken; `precise` is the most specific name that is known."""

    image: Annotated[str, Field(min_length=1, max_length=4096)]
    lat_deg: LatDeg
    lon_deg: LonDeg
    country: Text
    region: Text = ""
    precise: Text = ""


class ReasonedPhoto(LocatedPhoto):
    """A located photo with the chain of thought that leads to its place."""

    chain: ChainOfThought


RowT = TypeVar("RowT", LocatedPhoto, ReasonedPhoto)


def read_rows(path: Path, kind: type[RowT]) -> Iterator[RowT]:
    """Yield the rows of a JSON-lines file, validated.

    Raises:
        InputError: a line is not a row of this kind; the message names file, line and field.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _read_row(line, kind, f"{path}:{number}")


def _read_row(line: bytes, kind: type[RowT], where: str) -> RowT:
    if len(line) > MAX_LINE_BYTES:
        raise InputError(f"{where}: the line is longer than {MAX_LINE_BYTES} bytes; split the row")
    try:
        return kind.model_validate(json.loads(line))
    except ValidationError as error:
        raise InputError(f"{where}: {validation_words(error, 'the row')}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not a line of JSON: {error}") from error
