"""The options of a policy: one object from the command line to the policy that reads them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic_core import PydanticCustomError

from geoagent_graph.errors import InputError
from geoagent_graph.settings import (
    DEFAULT_CALL_SECONDS,
    DEFAULT_QUESTION_SECONDS,
    CallSeconds,
    QuestionSeconds,
    ServerAddress,
    Settings,
    require_plain_address,
)
from geoagent_graph.types import FrozenModel, Json
from geoagent_graph.validation_words import validation_words

PAPER_MAX_PIXELS: Final = 285_043
"""What the published weights were trained with: about 360 image tokens."""
DRAFT_TOKENS: Final = 1024
"""Longest chain of thought with its answer, as the published weights were trained."""

_SETTINGS: Final = (
    "base_url",
    "model",
    "api_key",
    "device_map",
    "dtype",
    "quantisation",
    "seed",
    "call_seconds",
    "question_seconds",
    "calibration",
    "reference_photos",
    "fallback",
)
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_ALWAYS_KEPT: Final = ("policy", "base_url", "model", "vision", "fallback", "index")
_KEPT: Final = (
    *_ALWAYS_KEPT, "calibration", "reference_photos", "retriever", "weights", "mode",
    "draft_system", "draft_question", "draft_tokens", "picture_pixels", "max_calls",
)  # fmt: skip
_FILES: Final = ("index", "calibration", "reference_photos", "draft_system", "draft_question")


Mode = Literal["graph", "draft", "conversation"]


class PolicyOptions(FrozenModel):
    """Who decides, the model it asks, and the reference photos beside it.

    `policy` is `evidence`, `served`, `transformers` or the name of a plug-in. `served` needs
    `base_url` and `model`, `transformers` `model`, a folder. `vision` False is for models that read
    text only. `weights` is a pulled row of the catalogue that stands for `model`, and for a server
    of this machine where no `base_url` is given. `calibration` and `reference_photos` are files,
    `index` is a folder, `retriever` the name of a plug-in. With `fallback`
    the policy `evidence` decides where the model cannot be used.
    `mode` "conversation" asks all of a run in one conversation, as models are trained on runs of
    the graph; "draft" asks one question and takes what it states; `draft_system` and
    `draft_question` are files with the words of that question, of at most `draft_tokens` in reply,
    over a picture of `picture_pixels`. A server may be sent `max_calls` calls in all.
    A call of a model may take `call_seconds`, a question with all its retries `question_seconds`.
    """

    policy: str = "evidence"
    base_url: ServerAddress | None = None
    model: str | None = None
    weights: str | None = None
    vision: bool = True
    fallback: bool = False
    calibration: Path | None = None
    reference_photos: Path | None = None
    retriever: str | None = None
    index: Path | None = None
    mode: Mode = "graph"
    draft_system: Path | None = None
    draft_question: Path | None = None
    draft_tokens: Annotated[int, Field(ge=16, le=100_000)] = DRAFT_TOKENS
    max_calls: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    api_key: str = Field("none", repr=False)
    picture_pixels: Annotated[int, Field(ge=28 * 28, le=16_000_000)] = PAPER_MAX_PIXELS
    device_map: str = "auto"
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    quantisation: Literal["none", "int8", "int4"] = "none"
    seed: int = 0
    call_seconds: CallSeconds = DEFAULT_CALL_SECONDS
    question_seconds: QuestionSeconds = DEFAULT_QUESTION_SECONDS

    @classmethod
    def of_request(cls, request: Mapping[str, Any]) -> Self:
        """Return the options that a case keeps; see `request`.

        Raises:
            InputError: a value has another form.
        """
        kept = {name: request.get(name) for name in _KEPT}
        given = {name: value for name, value in kept.items() if value is not None}
        if not given.get("fallback"):
            given.pop("fallback", None)
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise InputError(validation_words(error, "the options of a policy")) from error

    def request(self) -> Json:
        """Return what a case keeps, so that the same tools can be opened again; never the key."""
        kept: Json = {name: getattr(self, name) for name in _KEPT}
        for name in _FILES:
            kept[name] = str(kept[name].absolute()) if kept[name] else None
        defaults = type(self).model_fields
        return {
            name: value
            for name, value in kept.items()
            if name in _ALWAYS_KEPT or value not in (None, defaults[name].default)
        }

    def complete(self, settings: Settings) -> Self:
        """Return the options with the settings' values for what was not given.

        Raises:
            InputError: the settings' key belongs to another server than the one that was given, or
                the weights are not on this machine.
        """
        self._require_own_key(settings)
        missing = [name for name in _SETTINGS if name not in self.model_fields_set]
        values = {name: getattr(settings, name) for name in missing}
        if self.weights is not None:
            values |= self._of_weights(settings)
        complete = self.model_copy(update=values)
        return complete.model_copy(update=openai_variables(complete, settings))

    def _of_weights(self, settings: Settings) -> dict[str, str]:
        """Return the model of the weights, and their server where no other was named."""
        from geoagent_graph.policies.chosen_weights import model_of_weights

        values = model_of_weights(self.weights or "", self.policy, settings.weights_dir)
        named = self.base_url or settings.base_url
        if named is not None and "base_url" in values:
            values["base_url"] = named
        return {**values, "model": self.model or values["model"]}

    def _require_own_key(self, settings: Settings) -> None:
        given, of_key = self.base_url, settings.base_url
        if given is None or of_key is None or self.policy != "served":
            return
        if settings.api_key == "none" or "api_key" in self.model_fields_set:
            return
        if _origin_of(given) != _origin_of(of_key):
            raise InputError(
                f"{given}: GEOAGENT_API_KEY belongs to the server of GEOAGENT_BASE_URL, {of_key}, "
                "and goes to no other. Change or unset both variables"
            )


def openai_variables(options: PolicyOptions, settings: Settings) -> dict[str, str]:
    """Return the address and the key of OPENAI_BASE_URL and OPENAI_API_KEY where ours are not set.

    The key goes to the server of OPENAI_BASE_URL and no other. Where that is not set it goes to the
    server that was named, over TLS or on this machine, as other programs send it.

    Raises:
        InputError: OPENAI_BASE_URL is no address.
    """
    if options.policy != "served":
        return {}
    address = options.base_url or settings.openai_base_url.strip()
    values: dict[str, str] = {}
    if address and not options.base_url:
        try:
            values["base_url"] = require_plain_address(address)
        except PydanticCustomError as error:
            raise InputError(f"OPENAI_BASE_URL: {error.message()}") from error
    key = settings.openai_api_key.get_secret_value().strip()
    if address and key and options.api_key == "none" and _may_have_key(address, settings):
        values["api_key"] = key
    return values


def _may_have_key(address: str, settings: Settings) -> bool:
    owner = settings.openai_base_url.strip()
    if owner:
        return _origin_of(owner) == _origin_of(address)
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in _LOOPBACK


def _origin_of(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
