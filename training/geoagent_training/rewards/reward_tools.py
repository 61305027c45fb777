"""The services behind the rewards, built once per process and used by every reward function."""

import importlib.util
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import torch

from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.settings import load_settings
from geoagent_training.errors import ConfigError
from geoagent_training.rewards.judge import Judge, OpenAIJudge
from geoagent_training.rewards.places import PlaceResolver
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.text_encoders import (
    CachedEncoder,
    SentenceTransformerEncoder,
    UniversalSentenceEncoder,
)
from geoagent_training.rewards.web_geocoder import Resolver, WebGeocoder


@dataclass
class RewardTools:
    """Resolver, encoder and judge, each built when it is first asked for."""

    settings: RewardSettings = field(default_factory=RewardSettings)
    given_judge: Judge | None = None
    trainer_device: torch.device | None = None
    """Where the trainer computes; the current GPU where nobody said."""

    @cached_property
    def device(self) -> torch.device:
        """Where encoder and kernels compute.

        Raises:
            ConfigError: the settings name a device that PyTorch does not know.
        """
        if self.settings.device != "auto":
            return _device_by_name(self.settings.device)
        chosen = self.trainer_device or _current_device()
        usable = chosen.type == "cuda" and importlib.util.find_spec("triton") is not None
        return chosen if usable else torch.device("cpu")

    @cached_property
    def resolver(self) -> Resolver:
        """What turns names into coordinates."""
        settings = self.settings
        if settings.geocoder == "offline":
            return PlaceResolver(open_gazetteer(load_settings()))
        if settings.geocoder == "opencage" and not settings.geocoder_key:
            raise ConfigError("geocoder opencage needs geocoder_key")
        folder = settings.cache_dir or load_settings().cache_dir
        return WebGeocoder(
            settings.geocoder,
            Path(folder) / f"{settings.geocoder}.sqlite",
            key=settings.geocoder_key,
            base_url=settings.geocoder_url,
        )

    @cached_property
    def encoder(self) -> CachedEncoder:
        """What turns names into vectors."""
        if self.settings.encoder == "universal":
            return CachedEncoder(UniversalSentenceEncoder(), device=self.device)
        return CachedEncoder(
            SentenceTransformerEncoder(self.settings.encoder_model, str(self.device)),
            device=self.device,
        )

    @cached_property
    def judge(self) -> Judge:
        """What reads reasonings.

        Raises:
            ConfigError: no judge is named.
        """
        if self.given_judge is not None:
            return self.given_judge
        settings = self.settings
        if settings.judge_url is None:
            raise ConfigError(
                "the consistency reward needs a judge: set rewards.judge_url "
                "(GEOAGENT_REWARD_JUDGE_URL) to an OpenAI-compatible server, or leave it out"
            )
        return OpenAIJudge(
            settings.judge_url,
            settings.judge_model,
            key=settings.judge_key,
            seconds=settings.judge_seconds,
            retries=settings.judge_retries,
            in_flight=settings.judge_in_flight,
            no_thinking=settings.judge_no_thinking,
            cache_file=settings.cache_dir / "judge.sqlite" if settings.cache_dir else None,
        )


def _device_by_name(name: str) -> torch.device:
    try:
        return torch.device(name)
    except RuntimeError as error:
        raise ConfigError(
            f"reward_settings.device: {name!r} is no device: write auto, cpu, cuda or cuda:1"
        ) from error


def _current_device() -> torch.device:
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", torch.cuda.current_device())


_current: list[RewardTools] = []


def reward_tools() -> RewardTools:
    """Return the tools of this process; from the environment unless `use_tools` was called."""
    if not _current:
        _current.append(RewardTools())
    return _current[0]


def use_tools(tools: RewardTools) -> None:
    """Make every reward function of this process use these tools.

    TRL imports reward functions by name and calls them with columns only, so their services cannot
    be arguments.
    """
    _current[:] = [tools]
