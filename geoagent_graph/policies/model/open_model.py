"""Opens a policy over any `ChatModel`, with the tools of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.errors import InputError
from geoagent_graph.policies.model.actions import ActionTools
from geoagent_graph.policies.model.calibration import Calibration, load_calibration
from geoagent_graph.policies.model.draft_policy import DraftPolicy
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.model.photos import PhotoPrinter
from geoagent_graph.policies.model.place_lookup import PlaceLookup
from geoagent_graph.policies.model.policy import ModelPolicy
from geoagent_graph.policies.model.reference_photos import ReferencePhotos
from geoagent_graph.policies.options import PAPER_MAX_PIXELS
from geoagent_graph.protocols import EvidenceModel, Geocoder, ImageStore, Policy, Retriever
from geoagent_graph.settings import DEFAULT_TOOL_SECONDS
from geoagent_graph.toolbox import Toolbox

if TYPE_CHECKING:
    from geoagent_graph.policies.model.chat import ChatModel


@dataclass(frozen=True)
class PolicyTools:
    """The tools of a run that a model's actions use too: the same objects as in its `Toolbox`.

    `reader` draws clues from clues without a model: the `evidence` policy. `images` reads reference
    photos; the photo of the run comes with each question.
    """

    geocoder: Geocoder
    images: ImageStore | None = None
    evidence: EvidenceModel | None = None
    reader: Policy | None = None
    retriever: Retriever | None = None
    countries_of: Mapping[str, frozenset[str]] | None = None
    tool_seconds: float = DEFAULT_TOOL_SECONDS

    @classmethod
    def of(cls, toolbox: Toolbox) -> "PolicyTools":
        """Return the tools of a toolbox, its policy as the reader."""
        return cls(
            geocoder=toolbox.geocoder,
            images=toolbox.images,
            evidence=toolbox.evidence,
            reader=toolbox.policy,
            retriever=toolbox.retriever,
            countries_of=toolbox.countries_of,
            tool_seconds=toolbox.tool_seconds,
        )


def open_model_policy(
    name: str,
    chat: "ChatModel",
    tools: PolicyTools,
    *,
    options: ModelPolicyOptions | None = None,
    max_pixels: int = PAPER_MAX_PIXELS,
    calibration: Calibration | Path | None = None,
    reference_photos: Path | None = None,
) -> ModelPolicy:
    """Return a policy over any `ChatModel`.

    Args:
        name: what the policy is called in answers and traces.
        chat: the model.
        tools: the tools of the run.
        options: how the model is used; `vision=False` for models that read text only.
        max_pixels: largest picture the model is shown, in pixels.
        calibration: temperatures fitted for this model, or a file of them.
        reference_photos: the manifest the reference index was built from; with it the model is
            shown reference photos.

    Raises:
        InputError: a file cannot be used.
    """
    actions = ActionTools(
        printer=PhotoPrinter(max_pixels),
        geocoder=tools.geocoder,
        evidence=tools.evidence,
        retriever=tools.retriever,
        reference_photos=_reference_photos(reference_photos, tools, max_pixels),
        countries_of=tools.countries_of,
        tool_seconds=tools.tool_seconds,
    )
    if options is not None and options.mode == "conversation":
        actions = actions.text_only()
    kind = DraftPolicy if options is not None and options.mode == "draft" else ModelPolicy
    return kind(
        name,
        chat,
        PlaceLookup(tools.geocoder),
        actions,
        options=options,
        calibration=load_calibration(calibration) if isinstance(calibration, Path) else calibration,
        reader=tools.reader,
    )


def _reference_photos(
    manifest: Path | None, tools: PolicyTools, max_pixels: int
) -> ReferencePhotos | None:
    if manifest is None:
        return None
    if tools.images is None:
        raise InputError(f"{manifest}: reference photos need `PolicyTools.images` to be read with")
    return ReferencePhotos(manifest, tools.images, max_pixels)
