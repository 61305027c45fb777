"""Reward functions as TRL calls them, on places and vectors whose rewards are known by hand."""

import math
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from geoagent_training.rewards import functions
from geoagent_training.rewards.place_names import Fields
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, use_tools
from geoagent_training.rewards.text_encoders import CachedEncoder
from numpy.typing import NDArray

from tests.support.reward_fakes import ScriptedJudge, TableEncoder, completion

# on the equator one degree is 111.195 km
DEGREE_KM = 6371.0 * math.pi / 180.0
TRUTH: dict[str, Any] = {"lat": [0.0], "lon": [0.0], "country": ["Here"], "region": ["Shire"]}


class EquatorResolver:
    """Knows `Here` at 0, 0, `East` one degree and `Far` twenty degrees east of it."""

    lon_deg: ClassVar = {"Here": 0.0, "East": 1.0, "Far": 20.0}

    def resolve(self, answers: Sequence[Fields]) -> NDArray[np.float64]:
        return np.array([[0.0, self.lon_deg[a[0]]] if a[0] else [math.nan] * 2 for a in answers])

    def names_one_country(self, text: str) -> bool:
        return text in self.lon_deg

    def english_country(self, name: str) -> str:
        return name

    def lies_in(self, country: str, name: str) -> bool:
        return False

    def same_place(self, one: str, other: str) -> bool:
        return one.casefold() == other.casefold()


@pytest.fixture(autouse=True)
def _known_world(tools: RewardTools) -> Iterator[None]:
    use_settings(RewardSettings())
    yield
    use_tools(tools)


def use_settings(settings: RewardSettings) -> None:
    vectors: dict[str, Sequence[float]] = {
        "Here": [1.0, 0.0],
        "East": [0.8, 0.6],
        "Shire": [0.0, 1.0],
        "Isle": [0.6, 0.8],
    }
    judged = RewardTools(settings, ScriptedJudge(lambda question: "here"))
    judged.__dict__["resolver"] = EquatorResolver()
    judged.__dict__["encoder"] = CachedEncoder(TableEncoder(vectors, 2))
    use_tools(judged)


def answered(*fields: str, **parts: Any) -> list[str]:
    return [completion(*fields, **parts)]


@pytest.mark.parametrize(
    ("country", "earned"), [("Here", 1.0), ("East", math.exp(-DEGREE_KM / 200)), ("Far", 0.0)]
)
def test_spatial_is_a_decay_over_200_km_that_ends_at_2000(country: str, earned: float) -> None:
    assert functions.spatial(answered(country), **TRUTH) == [pytest.approx(earned, abs=1e-5)]


def test_what_names_no_place_earns_nothing_and_what_has_no_truth_is_not_scored() -> None:
    assert functions.spatial(answered("Atlantis"), **TRUTH) == [0.0]
    two = [*answered("Here"), *answered("Here")]
    assert functions.spatial(two, lat=[None, 0.0], lon=[None, 0.0]) == [None, pytest.approx(1.0)]
    assert functions.semantic(two, country=["", "Here"]) == [None, pytest.approx(0.1)]


def test_semantic_weighs_country_and_region_as_in_the_paper() -> None:
    # a tenth for the country, likeness 0.8; six tenths for the region, likeness 0.8
    assert functions.semantic(answered("East", "Isle"), **TRUTH) == [pytest.approx(0.56, abs=1e-5)]


def test_geo_similarity_is_the_sum_of_both_and_logs_them() -> None:
    logged: dict[str, float] = {}
    found = functions.geo_similarity(answered("East", "Isle"), logged.__setitem__, **TRUTH)
    near = math.exp(-DEGREE_KM / 200)
    assert found == [pytest.approx(1.5 * near + 0.56, abs=1e-5)]
    assert logged["geo/spatial"] == pytest.approx(near, abs=1e-5)
    assert logged["geo/within_200_km"] == 1.0


def test_consistency_compares_as_the_settings_say() -> None:
    told = answered("Here", "Shire", "x", reasoning="y" * 300)  # the judge says "here"
    assert functions.consistency(told) == [pytest.approx(0.1)]
    for strict in ({"judge_match": "exact"}, {"strict_reference": True}):
        use_settings(RewardSettings.model_validate(strict))
        assert functions.consistency(told) == [0.0]
    use_settings(RewardSettings(judge_match="place"))
    assert functions.consistency(told) == [pytest.approx(0.1)]


def test_format_rewards_want_two_or_three_fields_or_four_with_a_position() -> None:
    texts = [
        f"<think></think><answer>{answer}</answer>"
        for answer in ("Here", "Here; Shire", "Here; Shire; x; 0.0, 1.0", "Here; unknown")
    ]
    assert functions.answer_format(texts) == [0.0, 1.0, 0.0, 0.0]
    assert functions.well_formed([*texts[:1], "<answer>Here</answer>"]) == [1.0, 0.0]
    use_settings(RewardSettings(emitted_coordinates=True))
    assert functions.answer_format(texts) == [0.0, 0.0, 1.0, 0.0]


def test_calibration_is_a_brier_score_of_the_stated_confidence() -> None:
    right = functions.calibration(answered("East", uncertainty=0.1), **TRUTH)
    wrong = functions.calibration(answered("Far", uncertainty=0.1), **TRUTH)
    unstated = functions.calibration(answered("Here", uncertainty="low"), **TRUTH)
    assert [*right, *wrong, *unstated] == [
        pytest.approx(0.99), pytest.approx(0.19), pytest.approx(0.0),
    ]  # fmt: skip


def test_to_say_unknown_earns_its_value_in_the_right_form_only() -> None:
    unknown = ["<think></think><answer>unknown</answer>", "<answer>unknown</answer>"]
    earned = [functions.abstention([text], **TRUTH)[0] for text in unknown]
    assert earned == [pytest.approx(0.3), 0.0]
    assert functions.abstention(answered("East"), **TRUTH) == [1.0]
    assert functions.abstention(answered("Far"), **TRUTH) == [0.0]


@pytest.mark.parametrize(
    ("state", "weights"),
    [
        (None, (0.1, 0.2, 0.3, 0.4)),
        (SimpleNamespace(max_steps=10, global_step=5), (0.25, 0.25, 0.25, 0.25)),
        (SimpleNamespace(max_steps=10, global_step=20), (0.4, 0.3, 0.2, 0.1)),
    ],
)
def test_multiscale_moves_from_long_scales_to_short_ones(state: Any, weights: Any) -> None:
    decays = [math.exp(-DEGREE_KM / tau_km) for tau_km in (25, 200, 750, 2500)]
    wanted = sum(weight * decay for weight, decay in zip(weights, decays, strict=True))
    found = functions.spatial_multiscale(answered("East"), trainer_state=state, **TRUTH)
    assert found == [pytest.approx(wanted, abs=1e-5)]
