"""Settings of the rewards: from a recipe, or from `GEOAGENT_REWARD_*` under `trl grpo`."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

REWARD_ENVIRONMENT: Final = "GEOAGENT_REWARD_"

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class RewardSettings(BaseSettings):
    """How completions are scored; the defaults are the paper's."""

    model_config = SettingsConfigDict(env_prefix=REWARD_ENVIRONMENT, extra="forbid", frozen=True)

    tau_km: Positive = 200.0
    """Decay length of the spatial reward."""

    cutoff_km: Positive = 2000.0
    """Distance from which the spatial reward is 0."""

    strict_reference: bool = False
    """Read completions and compare names as the published reward classes do, flaws included."""

    gate: Literal["next_level", "zero"] = "next_level"
    """What a level below its similarity gate earns: its own share, or nothing."""

    emitted_coordinates: bool = False
    """Read a fourth answer field "lat, lon" and use it instead of the resolved names."""

    encoder: Literal["universal", "sentence-transformers"] = "universal"
    """Text encoder of the semantic reward."""

    encoder_model: str = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"
    """Model of the sentence-transformers encoder; the default is the paper's."""

    device: str = "auto"
    """Device of the encoder and of the reward kernels; `auto` is the trainer's, a GPU where it
    trains on one and triton is installed, else the CPU."""

    geocoder: Literal["offline", "nominatim", "opencage"] = "offline"
    """What turns names into coordinates; the web services are slow and never the default."""

    geocoder_url: str | None = None
    """Address of the web geocoder, where it is not the public one."""

    geocoder_key: str | None = None
    """Key of the OpenCage account."""

    judge_url: str | None = None
    """Base address of an OpenAI-compatible server, "http://127.0.0.1:8000/v1"."""

    judge_model: str = "Qwen/Qwen3-8B"
    """Model that the judge server runs."""

    judge_key: str | None = None
    """Key of the judge server, where it wants one."""

    judge_seconds: Positive = 60.0
    """Time limit of one question to the judge."""

    judge_retries: Annotated[int, Field(ge=0, le=10)] = 4
    """How often a question is asked again after a fault of the server."""

    judge_in_flight: Annotated[int, Field(ge=1, le=4096)] = 1024
    """Most questions that are open at once."""

    judge_no_thinking: bool = True
    """Send `chat_template_kwargs: {enable_thinking: false}`, which Qwen3 on vLLM understands."""

    judge_match: Literal["exact", "name", "place"] = "name"
    """Equality of conclusions: without spaces, as in the paper; by name, without case, accents and
    punctuation ("Portugal." is Portugal); or by place ("Hefei City"). `strict_reference`: exact."""

    consistency_characters: tuple[int, int] = (90, 200)
    """Length of a reasoning that earns nothing, and of one that earns the full weight."""

    calibration_km: Positive = 200.0
    """An answer within this distance counts as right for calibration and abstention."""

    abstention_value: Share = 0.3
    """What "unknown" earns; also the confidence above which answering pays."""

    cache_dir: Path | None = None
    """Folder for answers of judge and web geocoder; None keeps them in memory."""

    @field_validator("consistency_characters")
    @classmethod
    def _refuse_backward_gate(cls, gate: tuple[int, int]) -> tuple[int, int]:
        if not 0 <= gate[0] < gate[1]:
            raise ValueError(f"{list(gate)} must be two lengths from 0 on, the shorter one first")
        return gate
