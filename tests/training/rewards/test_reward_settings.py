"""Settings of the rewards: the paper's by default, from the environment, within bounds."""

from typing import Any

import pytest
from geoagent_training.rewards.reward_settings import RewardSettings
from pydantic import ValidationError


def test_the_defaults_are_the_papers() -> None:
    settings = RewardSettings()
    assert (settings.tau_km, settings.cutoff_km) == (200.0, 2000.0)
    assert settings.consistency_characters == (90, 200)
    assert (settings.judge_match, settings.strict_reference) == ("name", False)
    assert not settings.emitted_coordinates


def test_the_environment_says_what_trl_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOAGENT_REWARD_TAU_KM", "50")
    monkeypatch.setenv("GEOAGENT_REWARD_CONSISTENCY_CHARACTERS", "[8, 18]")
    assert RewardSettings().tau_km == 50.0
    assert RewardSettings().consistency_characters == (8, 18)
    assert RewardSettings(tau_km=70.0).tau_km == 70.0


@pytest.mark.parametrize(
    "given",
    [
        {"tau_km": 0},
        {"cutoff_km": float("inf")},
        {"abstention_value": 1.5},
        {"judge_in_flight": 0},
        {"geocoder": "other"},
        {"tau": 200},
    ],
)
def test_other_values_are_refused_by_their_key(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(given))):
        RewardSettings(**given)
