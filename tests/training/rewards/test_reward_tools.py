"""Services of the rewards: one set for the process, each built when it is first asked for."""

from pathlib import Path

import pytest
from geoagent_training.errors import ConfigError
from geoagent_training.rewards.judge import OpenAIJudge
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, reward_tools, use_tools
from geoagent_training.rewards.web_geocoder import WebGeocoder

from tests.support.reward_fakes import ScriptedJudge


def test_the_tools_in_use_are_those_that_were_given_last() -> None:
    mine = RewardTools()
    use_tools(mine)
    assert reward_tools() is reward_tools() is mine
    use_tools(RewardTools())
    assert reward_tools() is not mine


def test_a_judge_is_given_or_named_or_asked_for_with_its_key() -> None:
    judge = ScriptedJudge(lambda question: "")
    assert RewardTools(given_judge=judge).judge is judge
    named = RewardTools(RewardSettings(judge_url="http://127.0.0.1:9/v1"))
    assert isinstance(named.judge, OpenAIJudge)
    assert named.judge is named.judge
    with pytest.raises(ConfigError, match=r"needs a judge: set rewards\.judge_url"):
        _ = RewardTools().judge


def test_a_web_geocoder_keeps_its_answers_where_told_and_may_need_a_key(tmp_path: Path) -> None:
    settings = RewardSettings(geocoder="nominatim", cache_dir=tmp_path)
    assert isinstance(RewardTools(settings).resolver, WebGeocoder)
    assert (tmp_path / "nominatim.sqlite").exists()
    with pytest.raises(ConfigError, match="geocoder opencage needs geocoder_key"):
        _ = RewardTools(RewardSettings(geocoder="opencage", cache_dir=tmp_path)).resolver
