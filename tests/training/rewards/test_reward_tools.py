"""Services of the rewards: one set for the process, each built when it is first asked for."""

from pathlib import Path

import pytest
import torch
from geoagent_training.errors import ConfigError
from geoagent_training.recipe import GrpoRecipe
from geoagent_training.recipe_file import load_recipe
from geoagent_training.rewards.judge import OpenAIJudge
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, reward_tools, use_tools
from geoagent_training.rewards.web_geocoder import WebGeocoder

from tests.support.paths import ROOT
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


def test_the_rewards_follow_the_trainer_unless_a_device_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gpu = torch.device("cuda", 1)
    assert RewardTools(trainer_device=gpu).device == gpu
    assert RewardTools(trainer_device=torch.device("cpu")).device.type == "cpu"
    assert RewardTools(RewardSettings(device="cpu"), trainer_device=gpu).device.type == "cpu"
    assert RewardTools(trainer_device=torch.device("mps")).device.type == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 3)
    assert RewardTools().device == torch.device("cuda", 3)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert RewardTools(trainer_device=gpu).device.type == "cpu"
    with pytest.raises(ConfigError, match=r"reward_settings\.device: 'gpu' is no device"):
        _ = RewardTools(RewardSettings(device="gpu")).device


def test_the_shipped_recipes_leave_the_device_to_the_trainer() -> None:
    for path in (ROOT / "training" / "recipes").glob("grpo_*.yaml"):
        assert load_recipe(path, GrpoRecipe).reward_settings.device == "auto", path
