"""Gives a toolbox the policy that was asked for by name."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, cast

from pydantic import Field

from geoagent_graph.errors import InputError
from geoagent_graph.policies.backends.openai.client import ServerOptions
from geoagent_graph.policies.backends.openai.open_served import PolicyTools, open_served_policy
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.model.photos import PAPER_MAX_PIXELS
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import FrozenModel

if TYPE_CHECKING:
    from geoagent_graph.geo.geocoder import OfflineGeocoder
    from geoagent_graph.policies.backends.transformers import LocalOptions

PolicyName = Literal["evidence", "served", "transformers"]
POLICIES: Final[tuple[PolicyName, ...]] = ("evidence", "served", "transformers")
_IN_FLIGHT: Final[dict[PolicyName, int]] = {"evidence": 2, "served": 32, "transformers": 2}


class PolicyChoice(FrozenModel):
    """Which policy decides, and the model it asks.

    `base_url` and `model` are needed by `served`, `model` (a folder) by `transformers`. `vision`
    False is for models that read text only. `calibration` and `reference_manifest` are files.
    With `fallback` the policy `evidence` stands in where the model cannot be used.
    """

    name: PolicyName = "evidence"
    base_url: str | None = None
    model: str | None = None
    api_key: str = "none"
    vision: bool = True
    max_pixels: Annotated[int, Field(ge=28 * 28, le=16_000_000)] = PAPER_MAX_PIXELS
    device_map: str = "auto"
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    quantisation: Literal["none", "int8", "int4"] = "none"
    seed: int = 0
    call_seconds: Annotated[float, Field(gt=0, le=3600)] = 120.0
    budget_seconds: Annotated[float, Field(gt=0, le=7200)] = 300.0
    calibration: Path | None = None
    reference_manifest: Path | None = None
    fallback: bool = False

    @property
    def in_flight(self) -> int:
        """How many photos at a time keep the policy busy without flooding this machine."""
        return _IN_FLIGHT[self.name]

    def server(self) -> ServerOptions:
        """Return the server that `served` asks.

        Raises:
            InputError: its address or the model's name is missing.
        """
        if not self.base_url or not self.model:
            raise InputError(
                "--policy served needs --base-url, such as http://127.0.0.1:8000/v1, and --model"
            )
        return ServerOptions(
            base_url=self.base_url,
            model=self.model,
            api_key=self.api_key,
            call_seconds=self.call_seconds,
            budget_seconds=self.budget_seconds,
        )


def local_model(choice: PolicyChoice) -> "LocalOptions":
    """Return the model that `transformers` loads.

    Raises:
        InputError: its folder is not named.
    """
    if not choice.model:
        raise InputError("--policy transformers needs --model, the folder of a downloaded model")
    from geoagent_graph.policies.backends.transformers import LocalOptions

    return LocalOptions(
        model=choice.model,
        device_map=choice.device_map,
        dtype=choice.dtype,
        quantisation=choice.quantisation,
        call_seconds=choice.call_seconds,
    )


def with_policy(toolbox: Toolbox, choice: PolicyChoice) -> Toolbox:
    """Return the toolbox with the chosen policy; its own must be `evidence`, which stays inside.

    Raises:
        InputError: what the policy needs is missing; the message says what.
    """
    if choice.name == "evidence":
        return toolbox
    tools = PolicyTools(
        images=toolbox.images,
        geocoder=cast("OfflineGeocoder", toolbox.geocoder),
        evidence=toolbox.evidence,
        reader=toolbox.policy,
        visual_encoder=toolbox.visual_encoder,
        retriever=toolbox.retriever,
        countries_of=toolbox.countries_of,
    )
    options = ModelPolicyOptions(sees_photo=choice.vision, seed=choice.seed)
    fallback = toolbox.policy if choice.fallback else None
    if choice.name == "served":
        policy = open_served_policy(
            choice.server(),
            tools,
            options=options,
            max_pixels=choice.max_pixels,
            calibration=choice.calibration,
            reference_manifest=choice.reference_manifest,
        )
        return replace(toolbox, policy=policy, fallback=fallback)
    from geoagent_graph.policies.backends.transformers import open_transformers_policy

    policy = open_transformers_policy(
        local_model(choice),
        tools,
        options=options,
        max_pixels=choice.max_pixels,
        calibration=choice.calibration,
        reference_manifest=choice.reference_manifest,
    )
    return replace(toolbox, policy=policy, fallback=fallback)
