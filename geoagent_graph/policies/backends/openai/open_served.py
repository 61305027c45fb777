"""Opens the served policy: a model behind an OpenAI-compatible server, with the project's tools."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.errors import InputError
from geoagent_graph.policies.backends.openai.client import OpenAIChat, ServerOptions
from geoagent_graph.policies.model.actions import ActionTools
from geoagent_graph.policies.model.calibration import Calibration, load_calibration
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.model.photos import PAPER_MAX_PIXELS, PhotoPrinter
from geoagent_graph.policies.model.place_lookup import Atlas
from geoagent_graph.policies.model.policy import ModelPolicy
from geoagent_graph.policies.model.reference_photos import ReferencePhotos
from geoagent_graph.protocols import (
    EvidenceModel,
    Geocoder,
    ImageStore,
    Policy,
    Retriever,
    VisualEncoder,
)

if TYPE_CHECKING:
    from geoagent_graph.geo.geocoder import OfflineGeocoder
    from geoagent_graph.policies.model.chat import ChatModel


@dataclass(frozen=True)
class PolicyTools:
    """The tools of a run that a model's actions use too: the same objects as in its `Toolbox`.

    `reader` draws clues from clues without a model: the `evidence` policy.
    """

    images: ImageStore
    geocoder: "OfflineGeocoder"
    evidence: EvidenceModel | None = None
    reader: Policy | None = None
    visual_encoder: VisualEncoder | None = None
    retriever: Retriever | None = None
    countries_of: Mapping[str, frozenset[str]] | None = None


def open_served_policy(
    server: ServerOptions,
    tools: PolicyTools,
    *,
    options: ModelPolicyOptions | None = None,
    max_pixels: int = PAPER_MAX_PIXELS,
    calibration: Calibration | Path | None = None,
    reference_manifest: Path | None = None,
) -> ModelPolicy:
    """Return the policy `served`; nothing is sent before its first question.

    Args:
        server: which server and model, and how long they may take.
        tools: the tools of the run.
        options: how the model is used; `sees_photo=False` for models without vision.
        max_pixels: largest picture the model is shown, in pixels.
        calibration: temperatures fitted for this model, or a file of them.
        reference_manifest: the manifest the reference index was built from; with it the model is
            shown reference photos.

    Raises:
        InputError: the `openai` package is missing, or a file cannot be used.
    """
    if importlib.util.find_spec("openai") is None:
        raise InputError(
            "the policy `served` needs the openai client: pip install 'geoagent-graph[served]'"
        )
    return open_model_policy(
        "served",
        OpenAIChat(server),
        tools,
        options=options,
        max_pixels=max_pixels,
        calibration=calibration,
        reference_manifest=reference_manifest,
    )


def open_model_policy(
    name: str,
    chat: "ChatModel",
    tools: PolicyTools,
    *,
    options: ModelPolicyOptions | None = None,
    max_pixels: int = PAPER_MAX_PIXELS,
    calibration: Calibration | Path | None = None,
    reference_manifest: Path | None = None,
) -> ModelPolicy:
    """Return a policy over any `ChatModel`; arguments as for `open_served_policy`."""
    photos = None
    if reference_manifest is not None:
        photos = ReferencePhotos(reference_manifest, tools.images, max_pixels)
    geocoder: Geocoder = tools.geocoder
    actions = ActionTools(
        images=tools.images,
        printer=PhotoPrinter(tools.images, max_pixels),
        geocoder=geocoder,
        evidence=tools.evidence,
        visual_encoder=tools.visual_encoder,
        retriever=tools.retriever,
        reference_photos=photos,
        countries_of=tools.countries_of,
    )
    if isinstance(calibration, Path):
        calibration = load_calibration(calibration)
    return ModelPolicy(
        name,
        chat,
        Atlas(tools.geocoder),
        actions,
        options=options,
        calibration=calibration,
        reader=tools.reader,
    )
