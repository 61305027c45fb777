"""A photo as an input lists it: the row of a batch before anything is known of it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ListedPhoto:
    """One row of a batch: a photo as `PhotoSource` has it, and its size where it is known."""

    photo: str
    location: str
    offset: int | None = None
    length: int | None = None
    size: int | None = None
    problem: str | None = None

    def as_text(self) -> "ListedPhoto":
        """Return the row with nothing but text in it: bytes of names that are not UTF-8 escaped.

        A file that lies under such a name cannot be named in a table; its row says so.
        """
        photo, location = _escaped(self.photo), _escaped(self.location)
        problem = _escaped(self.problem) if self.problem is not None else None
        if location != self.location and problem is None:
            problem = "its name, or that of a folder of it, is not UTF-8; rename it"
        return replace(self, photo=photo, location=location, problem=problem)


def _escaped(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
