"""A batch is scored once: places, points, distances."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from geoagent_training.errors import ServiceError
from geoagent_training.rewards.functions import abstention, calibration, geo_similarity, spatial
from geoagent_training.rewards.place_names import Fields
from geoagent_training.rewards.places import PlaceResolver
from geoagent_training.rewards.reward_tools import RewardTools, use_tools
from geoagent_training.rewards.scoring import as_rewards, read_batch

from tests.support.reward_fakes import completion

COLUMNS = {"lat_deg": [38.7, 48.9], "lon_deg": [-9.1, 2.4], "country": ["Portugal", "France"]}


class CountingResolver:
    """A resolver that counts what it is asked."""

    def __init__(self, resolver: PlaceResolver) -> None:
        self.resolver = resolver
        self.batches: list[int] = []
        self.countries: list[str] = []

    def resolve(self, answers: list[Fields]) -> np.ndarray:
        self.batches.append(len(answers))
        return self.resolver.resolve(answers)

    def names_one_country(self, text: str) -> bool:
        self.countries.append(text)
        return self.resolver.names_one_country(text)

    def english_country(self, name: str) -> str:
        return self.resolver.english_country(name)

    def lies_in(self, country: str, name: str) -> bool:
        return self.resolver.lies_in(country, name)


@pytest.fixture
def counted(tools: RewardTools) -> CountingResolver:
    assert isinstance(tools.resolver, PlaceResolver)
    counting = CountingResolver(tools.resolver)
    own = RewardTools(tools.settings, tools.given_judge)
    own.__dict__ |= {"resolver": counting, "encoder": tools.encoder}
    use_tools(own)
    return counting


@pytest.mark.parametrize("reward", [spatial, geo_similarity, calibration, abstention])
def test_a_reward_resolves_the_places_of_a_batch_once(
    counted: CountingResolver, reward: Callable[..., list[float | None]]
) -> None:
    logged: dict[str, float] = {}
    answers = [completion("Portugal", "Lisbon"), completion("Spain", "Madrid")]
    first, second = reward(completions=answers, log_metric=logged.__setitem__, **COLUMNS)
    assert counted.batches == [2]
    assert counted.countries == ["Portugal", "Spain"]
    assert first is not None
    assert second is not None
    assert first > second
    if reward is geo_similarity:
        assert logged["geo/within_25_km"] == 0.5


def test_a_batch_has_names_points_and_distances(tools: RewardTools) -> None:
    batch = read_batch([completion("Portugal", "Lisbon"), completion("Nowhere")], COLUMNS)
    assert batch.names == [("Portugal", "Lisbon", ""), ("", "", "")]
    assert batch.points.shape == (2, 2)
    assert batch.points is batch.points
    assert batch.distances_km[0] < 25
    assert np.isnan(batch.distances_km[1])
    assert np.isnan(batch.points[1]).all()


def test_rewards_are_none_without_truth_and_finite_with_it() -> None:
    known = np.array([True, False])
    assert as_rewards(torch.tensor([0.5, float("nan")]), known, "mine") == [0.5, None]
    with pytest.raises(ServiceError, match="the reward mine is not finite for 1 completions"):
        as_rewards(np.array([np.inf, 0.0]), known, "mine")
