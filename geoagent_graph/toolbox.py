"""What a run works with: tools, evidence model and policy, passed in as LangGraph context."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geoagent_graph.protocols import (
    EvidenceModel,
    ExifReader,
    Geocoder,
    ImageStore,
    Policy,
    Retriever,
    TextReader,
    VisualEncoder,
)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The clients and indexes of a run; shared by concurrent runs, so every part is thread-safe.

    A tool that is None is not used, and the answer says so where that matters. `countries_of` maps
    a continent code to the ISO codes of its countries. `fallback` decides from the step on where
    `policy` fails for good, and the answer says so; None ends the run with the policy's error.
    """

    policy: Policy
    evidence: EvidenceModel
    geocoder: Geocoder
    images: ImageStore
    countries_of: Mapping[str, frozenset[str]]
    text_reader: TextReader | None = None
    exif_reader: ExifReader | None = None
    visual_encoder: VisualEncoder | None = None
    retriever: Retriever | None = None
    references: int = 50
    text_max_side: int = 1600
    encoder_max_side: int = field(default=512)
    fallback: Policy | None = None

    async def aclose(self) -> None:
        """Let go of the policy's connections in the running event loop.

        With tools of your own: `async with contextlib.aclosing(open_toolbox()) as toolbox`.
        """
        await self.policy.aclose()
