"""The one door for settings: the only module that reads the environment."""

import contextlib
import getpass
import os
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_CALL_SECONDS: Final = 120.0
DEFAULT_QUESTION_SECONDS: Final = 300.0
DEFAULT_TOOL_SECONDS: Final = 60.0
CallSeconds = Annotated[float, Field(gt=0, le=3600)]
QuestionSeconds = Annotated[float, Field(gt=0, le=7200)]


def require_plain_address(address: str) -> str:
    """Return a server's address as it came; it is written into traces, so it holds no secret.

    Raises:
        PydanticCustomError: it is no address of HTTP, or has a user, a password or a query.
    """
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise PydanticCustomError(
            "server_address", "not a server's address, such as http://127.0.0.1:8000/v1"
        )
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise PydanticCustomError(
            "server_address",
            "an address is written into traces: leave out user, password and what follows ? or #. "
            "Set the key as GEOAGENT_API_KEY",
        )
    return address


ServerAddress = Annotated[str, AfterValidator(require_plain_address)]


class Settings(BaseSettings):
    """Settings of a run; each field can be set as `GEOAGENT_<NAME>` in the environment."""

    model_config = SettingsConfigDict(
        env_prefix="GEOAGENT_", extra="forbid", frozen=True, populate_by_name=True
    )

    cache_dir: Path = Path(platformdirs.user_cache_dir("geoagent-graph"))
    """Folder of compiled tables and models; safe to delete, built again when missing."""

    home: Path = Path(platformdirs.user_data_dir("geoagent-graph"))
    """Folder of the photos and runs that are kept."""

    person: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")] | None = None
    """Who you are, for the traces of cases; None takes the user of the operating system."""

    language: Annotated[str, Field(max_length=35)] | None = None
    """Language of answers, reports and the page: en, es, fr, de, ar or zh; None is English."""

    weights_dir: Path = Path(platformdirs.user_data_dir("geoagent-graph")) / "weights"
    """Folder of the weights that `geoagent weights pull` brings."""

    max_pixels: Annotated[int, Field(ge=10_000, le=1_000_000_000)] = 60_000_000
    """Most pixels that are decoded: a larger JPEG at 1/2 to 1/8 of its size, others are refused."""

    max_bytes: Annotated[int, Field(ge=1_000, le=2_000_000_000)] = 64_000_000
    """Largest file that is read, in bytes."""

    decode_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """Most CPU time for decoding one photo; a small one may take less."""

    video_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """Most CPU time for finding the scenes of one video."""

    tool_seconds: Annotated[float, Field(gt=0, le=3600)] = DEFAULT_TOOL_SECONDS
    """Most CPU time of one call of a tool; the run goes on without a tool that takes more."""

    threads: Annotated[int, Field(ge=1, le=256)] = 1
    """Threads per engine; more than one is slower on shared cores."""

    keep_warm_minutes: Annotated[float, Field(gt=0, le=1440)] = 10.0
    """How long the helper of `geoagent locate --keep-warm` waits for the next command."""

    ocr_max_side: Annotated[int, Field(ge=256, le=8192)] = 4096
    """Longest side, in pixels, of what the text reader gets; it looks at small letters in tiles."""

    encoder: str | None = None
    """Encoder of photos, by its name or the folder of its weights; None takes the index's own."""

    photo_places: str = "auto"
    """Model that sees: `auto` is GeoCLIP where it was pulled, `none`, or the name of a plug-in."""

    visual_weights: Path | None = None
    """File of tools/fit_visual.py: what that model is worth on your photos; None as shipped."""

    recognisers: str = ""
    """Plug-ins that read further scripts, asked before Tesseract, separated by commas."""

    budget: Annotated[int, Field(ge=6, le=1000)] = 40
    """Most nodes one run may execute."""

    references: Annotated[int, Field(ge=1, le=1000)] = 50
    """Reference photos asked of the index."""

    without_sources: str = ""
    """Sources of evidence to leave out, separated by commas: `phones,languages`."""

    base_url: ServerAddress | None = None
    """Address of the OpenAI-compatible server that the policy `served` asks."""

    model: str | None = None
    """Name of the model on that server, or the model's folder for the policy `transformers`."""

    api_key: Annotated[str, AfterValidator(lambda key: key.strip() or "none")] = "none"
    """Key for that server and no other; never written anywhere."""

    openai_base_url: str = Field("", validation_alias="OPENAI_BASE_URL")
    """The same address as other programs read it, from OPENAI_BASE_URL; ours stands before it."""

    openai_api_key: SecretStr = Field(SecretStr(""), validation_alias="OPENAI_API_KEY")
    """The same key as other programs read it, from OPENAI_API_KEY; ours stands before it."""

    call_seconds: CallSeconds = DEFAULT_CALL_SECONDS
    """Longest one call of a model may take."""

    question_seconds: QuestionSeconds = DEFAULT_QUESTION_SECONDS
    """Longest one question to a server may take with all its retries."""

    fallback: bool = False
    """Finish with the policy `evidence`, and say so, where a model cannot be used."""

    calibration: Path | None = None
    """File of the temperatures fitted for the model; None takes its shares as they are."""

    reference_photos: Path | None = None
    """Manifest that the reference index was built from; with it a model is shown its photos."""

    device_map: str = "auto"
    """Where the policy `transformers` loads its model: cpu, cuda:0, auto, ..."""

    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Number format of that model's weights."""

    quantisation: Literal["none", "int8", "int4"] = "none"
    """Quantisation of that model's weights; needs bitsandbytes and a GPU."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Seed of a model's sampled replies."""

    tessdata_dir: Path | None = None
    """Folder of Tesseract models; None looks in the usual places."""

    otel_endpoint: str | None = None
    """Collector of OTLP over HTTP that the runs of cases are told to; None tells nobody."""

    otel_content: bool = False
    """Whether that collector gets the words of a trace; else digests. It never gets pixels."""

    serve_token: SecretStr | None = None
    """Token that clients of `geoagent serve` must show; never written anywhere."""

    serve_tokens: Path | None = None
    """File of `geoagent tokens`: clients of `geoagent serve` show a token of their own."""

    serve_runs: Annotated[int, Field(ge=1, le=64)] = 2
    """Cases that `geoagent serve` works on at a time; others wait for their turn."""

    serve_waiting: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Cases that may wait; one more is refused."""

    serve_streams: Annotated[int, Field(ge=1, le=10_000)] = 256
    """Streams of events that `geoagent serve` keeps open."""

    serve_requests_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 1200
    """Requests that one client may make in a minute."""

    serve_basemap: Path | None = None
    """PMTiles file whose streets the page of `geoagent serve` draws below its map."""

    serve_away_seconds: Annotated[float, Field(gt=0, le=86_400)] | None = None
    """Stop a run that nobody has watched or asked for this long; None lets it go on to its end."""

    serve_webhook: ServerAddress | None = None
    """Address that `geoagent serve` posts every ended run to; None posts nothing."""

    serve_webhook_secret: SecretStr | None = None
    """Key that signs those posts (Standard Webhooks, `whsec_...`); never written anywhere."""


def load_settings() -> Settings:
    """Return the settings of this process: defaults, then the environment.

    Raises:
        InputError: a value is out of bounds; the message names the variable.
    """
    from pydantic import ValidationError

    from geoagent_graph.errors import InputError
    from geoagent_graph.validation_words import validation_words

    try:
        return Settings()
    except ValidationError as error:
        field, _, said = validation_words(error, "settings").partition(": ")
        name = field.upper() if field.startswith("OPENAI_") else f"GEOAGENT_{field.upper()}"
        raise InputError(f"{name}: {said}; change or unset the variable.") from error


def current_person(settings: Settings) -> str:
    """Return who works with this process: as the settings say, else the user of the system."""
    if settings.person is not None:
        return settings.person.strip()
    with contextlib.suppress(ImportError, OSError, KeyError):  # a container may have no such user
        return getpass.getuser()[:100]
    return "unknown user"


def hub_is_offline() -> bool:
    """Return whether the user has switched the network of `huggingface_hub` off."""
    return os.environ.get("HF_HUB_OFFLINE", "").strip().upper() in {"1", "ON", "YES", "TRUE"}


def prepare_process() -> None:
    """Set what libraries read from the environment when they are imported; call it before them.

    ONNX Runtime's telemetry is switched off, checkpoints are read without running code from them,
    and engines use one thread, which is faster on shared cores; the last two only where the user
    has not decided otherwise.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def prepare_ray() -> None:
    """Keep Ray from reporting its use to its makers; call it before Ray is imported."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"


def worker_environment() -> dict[str, str]:
    """Return the environment of a process that works for this one, without our own settings.

    What a worker needs of them it is told; keys and tokens are none of its business.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith("GEOAGENT_")}
