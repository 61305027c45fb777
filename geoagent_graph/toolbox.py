"""What a run works with: tools, evidence model and policy, passed in as LangGraph context."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from geoagent_graph.errors import InputError
from geoagent_graph.protocols import (
    RETRIEVER_MAX_SIDE_PX,
    EvidenceModel,
    ExifReader,
    Geocoder,
    ImageStore,
    PhotoPlaces,
    PlaceClassifier,
    Policy,
    Retriever,
    TextReader,
)
from geoagent_graph.settings import DEFAULT_TOOL_SECONDS
from geoagent_graph.trip_types import JointEvidence

_PROTOCOLS: tuple[tuple[str, type], ...] = (
    ("policy", Policy),
    ("evidence", EvidenceModel),
    ("geocoder", Geocoder),
    ("images", ImageStore),
    ("text_reader", TextReader),
    ("exif_reader", ExifReader),
    ("retriever", Retriever),
    ("classifier", PlaceClassifier),
    ("photo_places", PhotoPlaces),
    ("fallback", Policy),
    ("joint", JointEvidence),
)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The clients and indexes of a run; shared by concurrent runs, so every part is thread-safe.

    A tool that is None is not used, and the answer says so where that matters. `countries_of` maps
    a continent code to the ISO codes of its countries. `fallback` decides from the step on where
    `policy` fails for good, and the answer says so; None ends the run with the policy's error.
    `joint` weighs the photos of a trip together; None knows single photos only. `without_sources`
    names the sources of evidence that were left out, so that answers that are kept can tell.
    `notices` are said by every answer: licences of the weights that took part.
    `photo_places` sees photos; the evidence model must know it to weigh what it sees.
    `tool_seconds` is the CPU time that one call of a tool may take.
    """

    policy: Policy
    evidence: EvidenceModel
    geocoder: Geocoder
    images: ImageStore
    countries_of: Mapping[str, frozenset[str]]
    text_reader: TextReader | None = None
    exif_reader: ExifReader | None = None
    retriever: Retriever | None = None
    references: int = 50
    text_max_side: int = 1600
    encoder_max_side: int = RETRIEVER_MAX_SIDE_PX
    fallback: Policy | None = None
    joint: JointEvidence | None = None
    without_sources: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    tool_seconds: float = DEFAULT_TOOL_SECONDS
    classifier: PlaceClassifier | None = None
    photo_places: PhotoPlaces | None = None

    def __post_init__(self) -> None:
        """Refuse a part that lacks what its protocol asks.

        Raises:
            InputError: the message names the part and what is missing.
        """
        for name, protocol in _PROTOCOLS:
            require_members(getattr(self, name), protocol, name.replace("_", " "))

    def for_run(self) -> "Toolbox":
        """Return the toolbox of one run: a policy with `begin_run` may remember what it said."""
        begin = getattr(self.policy, "begin_run", None)
        policy = self.policy if begin is None else begin()
        return self if policy is self.policy else replace(self, policy=policy)

    def keep_memory(self) -> AbstractContextManager[None]:
        """Return what surrounds many photos: a text reader with `keep_memory` keeps what it needs.

        Else it gives its memory back after each photo, which costs time.
        """
        keep = getattr(self.text_reader, "keep_memory", None)
        surround: AbstractContextManager[None] = nullcontext() if keep is None else keep()
        return surround

    def keep_models(self) -> None:
        """Have a text reader with `keep_models` load what it can read with, and keep it.

        Processes that are forked from this one share it.
        """
        keep = getattr(self.text_reader, "keep_models", None)
        if keep is not None:
            keep()

    async def aclose(self) -> None:
        """Let go of the policy's connections in the running event loop.

        With tools of your own: `async with contextlib.aclosing(open_toolbox()) as toolbox`.
        """
        await self.policy.aclose()


def require_members(part: object, protocol: type, called: str) -> None:
    """Refuse a part that lacks a member of its protocol; None, a part that is not used, has none.

    Raises:
        InputError: the message names the class and what is missing.
    """
    if part is None:
        return
    members = [name for name in vars(protocol) if not name.startswith("_")]
    missing = [name for name in members if not hasattr(part, name)]
    if missing:
        raise InputError(
            f"the {called} {type(part).__name__} has no {', '.join(missing)}: a "
            f"`geoagent_graph.protocols.{protocol.__name__}` needs {', '.join(members)}"
        )
