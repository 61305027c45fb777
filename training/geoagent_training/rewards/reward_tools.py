"""The services behind the rewards, built once per process and used by every reward function."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

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
            return CachedEncoder(UniversalSentenceEncoder())
        return CachedEncoder(
            SentenceTransformerEncoder(self.settings.encoder_model, self.settings.device)
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
