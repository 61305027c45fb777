"""A photo as an input lists it: the row of a batch before anything is known of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedPhoto:
    """One row of a batch: a photo as `PhotoSource` has it, and its size where it is known."""

    photo: str
    location: str
    offset: int | None = None
    length: int | None = None
    size: int | None = None
    problem: str | None = None
