"""TRL's arguments: those of a recipe before the fixed ones, and faults as one line."""

import importlib.util
from dataclasses import dataclass, field
from typing import Any

import pytest
from geoagent_training.errors import ConfigError
from geoagent_training.trainers.arguments import trainer_arguments


@dataclass
class SmallConfig:
    learning_rate: float = 1.0
    report_to: list[str] = field(default_factory=list)
    bf16: bool = False

    def __post_init__(self) -> None:
        if self.learning_rate < 0:
            raise ValueError("learning_rate\n  is negative")


def arguments(given: dict[str, Any], **fixed: Any) -> Any:
    return trainer_arguments(SmallConfig, given, fixed)


def test_what_a_recipe_gives_goes_before_what_is_fixed() -> None:
    assert arguments({"learning_rate": 3.0}, learning_rate=2.0, bf16=True) == SmallConfig(
        3.0, [], True
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"learning_rat": 1},
            "trainer.learning_rat: SmallConfig has no such key; did you mean learning_rate?",
        ),
        ({"learning_rate": -1}, "trainer.learning_rate is -1: it must be above 0"),
        (
            {"learning_rate": "x"},
            "trainer.learning_rate is 'x': write a number",
        ),
    ],
)
def test_a_fault_is_one_line_that_names_the_key(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        arguments(given)
    assert str(caught.value) == said


def test_a_tracker_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"wandb is not installed: .*pip install .*wandb"):
        arguments({"report_to": ["wandb"]})
    assert arguments({"report_to": ["none"]}).report_to == ["none"]
