"""The rewards against the paper's formulas, computed here a second time in plain Python."""

import math
import random
from typing import Any

import numpy as np
import pytest
from geoagent_kernels import GateReading
from geoagent_training.errors import DataError
from geoagent_training.rewards import functions as rewards
from geoagent_training.rewards.completions import parse_completions
from geoagent_training.rewards.consistency_score import score_consistency
from geoagent_training.rewards.places import PlaceResolver
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, use_tools
from geoagent_training.rewards.text_encoders import CachedEncoder

from tests.support.reward_fakes import ScriptedJudge, TableEncoder, completion

PLACES = {
    ("Portugal", "Lisbon", "Sintra"): None,
    ("Portugal", "Porto", "Maia"): None,
    ("Spain", "Andalusia", "Ronda"): None,
    ("Japan", "Kyoto", "Uji"): None,
    ("Chile", "Atacama", "Vallenar"): None,
    ("New Zealand", "Otago", "Queenstown"): None,
}
TRUTHS = [*PLACES]


def _haversine_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    lat1, lon1, lat2, lon2 = map(math.radians, (*a, *b))
    h = math.sin((lat2 - lat1) / 2) ** 2
    h += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(min(1.0, h)))


def _expected_spatial(distance_km: float) -> float:
    return math.exp(-distance_km / 200.0) if distance_km < 2000.0 else 0.0


def _expected_semantic(similarities: list[float | None], gate: str) -> float:
    total, open_ = 0.0, True
    for level, weight in enumerate((0.1, 0.6, 0.3)):
        s = similarities[level]
        s = 0.0 if s is None else min(max(s, 0.0), 1.0)
        passes = level == 2 or s >= (0.7, 0.5)[level]
        if open_ and (gate == "next_level" or passes):
            total += weight * s
        open_ = open_ and passes
    return total


def _similarity_tables(rng: random.Random) -> tuple[TableEncoder, dict[tuple[str, str], float]]:
    """Give each name an angle: the cosine of two names is the cosine of the difference."""
    angles = {name: rng.uniform(0, math.pi) for fields in TRUTHS for name in fields}
    table = {name: [3 * math.cos(a), 3 * math.sin(a)] for name, a in angles.items()}
    cosines = {(a, b): math.cos(angles[a] - angles[b]) for a in angles for b in angles}
    return TableEncoder(table, dimension=2), cosines


@pytest.mark.parametrize("gate", ["next_level", "zero"])
def test_500_completions_score_as_the_paper_says(gate: GateReading, tools: RewardTools) -> None:
    rng = random.Random(7)
    encoder, cosines = _similarity_tables(rng)
    assert isinstance(tools.resolver, PlaceResolver)
    used = RewardTools(RewardSettings(gate=gate))
    used.resolver = tools.resolver
    used.encoder = CachedEncoder(encoder)
    use_tools(used)
    names = ("lat_deg", "lon_deg", "country", "region", "precise")
    columns: dict[str, Any] = {name: [] for name in names}
    texts, spatial, semantic = [], [], []
    for _ in range(500):
        answer = [*rng.choice(TRUTHS)][: rng.randint(1, 3)]
        truth = rng.choice(TRUTHS)
        country, region, precise = answer + [""] * (3 - len(answer))
        named = tools.resolver.explain((country, region, precise))
        assert named is not None
        point = (rng.uniform(-89, 89), rng.uniform(-180, 179.9))
        if rng.random() < 0.6:  # near enough to earn something
            point = (
                max(-90.0, min(90.0, named.lat_deg + rng.gauss(0, 4))),
                (named.lon_deg + rng.gauss(0, 4) + 180) % 360 - 180,
            )
        texts.append(completion(*answer))
        columns["lat_deg"].append(point[0])
        columns["lon_deg"].append(point[1])
        for name, text in zip(("country", "region", "precise"), truth, strict=True):
            columns[name].append(text)
        distance = _haversine_km((named.lat_deg, named.lon_deg), point)
        spatial.append(_expected_spatial(distance))
        pairs = [*zip(answer, truth, strict=False)]
        found: list[float | None] = [cosines[pair] for pair in pairs]
        semantic.append(_expected_semantic(found + [None] * (3 - len(found)), gate))
    assert rewards.spatial(texts, **columns) == pytest.approx(spatial, abs=1e-6)
    assert rewards.semantic(texts, **columns) == pytest.approx(semantic, abs=1e-6)
    both = [1.5 * a + b for a, b in zip(spatial, semantic, strict=True)]
    assert rewards.geo_similarity(texts, **columns) == pytest.approx(both, abs=1e-6)
    assert len({round(value, 6) for value in spatial}) > 200


def test_consistency_scores_as_the_paper_says() -> None:
    rng = random.Random(3)
    texts, expected = [], []
    for _ in range(500):
        size = rng.choice([0, 89, 90, 91, 120, 145, 160, 199, 200, 201, 400])
        texts.append(completion("Portugal", "Lisbon", "Sintra", reasoning="x" * size))
        x = (size - 90) / 110
        gate = 0.0 if size < 90 else 1.0 if size > 200 else 1 / (1 + math.exp(-8 * (x - 0.5)))
        expected.append(gate * (0.1 + 0.3))  # the judge below misreads every region
    judge = ScriptedJudge(lambda q: ("Portu gal", "Porto", "Sintra ")[q.level])
    scores = score_consistency(parse_completions(texts), judge, characters=(90, 200))
    assert scores == pytest.approx(expected, abs=1e-6)
    assert {q.before for q in judge.asked} == {(), ("Portugal",), ("Portugal", "Lisbon")}


def test_what_has_no_truth_is_none_and_what_is_wrong_is_zero() -> None:
    texts = [completion("Portugal", "Lisbon"), "no answer", completion("Atlantis", "Poseidonis")]
    known: dict[str, Any] = {
        "lat_deg": [38.7] * 3,
        "lon_deg": [-9.1] * 3,
        "country": ["Portugal"] * 3,
    }
    assert rewards.spatial(texts, **known)[1:] == [0.0, 0.0]
    assert rewards.spatial(texts, **known)[0] == pytest.approx(0.94, abs=0.06)
    partly: dict[str, Any] = {
        "lat_deg": [38.7, None, None],
        "lon_deg": [-9.1, None, None],
        "country": ["Portugal", None, None],
    }
    for function in (rewards.spatial, rewards.semantic, rewards.geo_similarity):
        assert function(texts, **partly)[1:] == [None, None]


@pytest.mark.parametrize("name", ["spatial", "semantic", "geo_similarity", "calibration"])
def test_a_batch_without_any_truth_is_an_error_that_names_the_column(name: str) -> None:
    texts = [completion("Portugal", "Lisbon")] * 2
    function = getattr(rewards, name)
    column = "country" if name == "semantic" else "lat_deg"
    with pytest.raises(DataError, match=rf"{name} .* the column {column} is missing.*lattitude"):
        function(texts, lattitude=[1.0, 2.0])
    empty: dict[str, Any] = {"lat_deg": [None] * 2, "lon_deg": [None] * 2, "country": [None] * 2}
    with pytest.raises(DataError, match=rf"the column {column}.* holds no (position|country)"):
        function(texts, **empty)


def test_published_columns_are_understood() -> None:
    text = [completion("Portugal", "Lisbon", "Sintra")]
    got = rewards.geo_similarity(
        text, lat=[38.8], lng=[-9.4], solution=["Portugal; Lisbon; Sintra"], locatability=[0.4]
    )
    assert got[0] is not None
    assert got[0] > 2.4


def test_the_fourth_field_is_used_only_when_asked_for(tools: RewardTools) -> None:
    text = ["<think>{}</think><answer>Japan; Kyoto; Uji; 38.71, -9.14</answer>"]
    lisbon: dict[str, Any] = {"lat_deg": [38.71], "lon_deg": [-9.14]}
    assert rewards.spatial(text, **lisbon) == [0.0]
    with_positions = RewardTools(RewardSettings(emitted_coordinates=True))
    with_positions.resolver = tools.resolver
    use_tools(with_positions)
    assert rewards.spatial(text, **lisbon) == pytest.approx([1.0])
    assert rewards.answer_format(text) == [1.0]
    assert rewards.answer_format(["<think></think><answer>Japan; Kyoto; Uji</answer>"]) == [0.0]


def test_calibration_is_a_proper_score_and_abstention_pays_below_its_value() -> None:
    truth: dict[str, Any] = {"lat_deg": [38.71], "lon_deg": [-9.14]}
    scores: dict[tuple[str, float], float] = {}
    for place in (("Portugal", "Lisbon"), ("Japan", "Kyoto")):
        for p in np.linspace(0, 1, 11):
            text = [completion(*place, "x", uncertainty=round(1 - p, 3))]
            (score,) = rewards.calibration(text, **truth)
            assert score is not None
            scores[place[0], round(p, 1)] = score
    for share in (0.2, 0.5, 0.8):  # the mean score is highest where the stated p is the true share
        means = {
            p: share * scores["Portugal", p] + (1 - share) * scores["Japan", p]
            for p in (0.0, 0.2, 0.5, 0.8, 1.0)
        }
        assert max(means, key=means.__getitem__) == share
    texts = ["<think></think><answer>unknown</answer>", completion("Japan"), completion("Portugal")]
    assert rewards.abstention(texts[:2], lat_deg=[38.71] * 2, lon_deg=[-9.14] * 2) == [0.3, 0.0]


def test_the_multiscale_reward_moves_from_continents_to_streets() -> None:
    class State:
        def __init__(self, step: int) -> None:
            self.global_step, self.max_steps = step, 100

    far: dict[str, Any] = {"lat_deg": [41.15], "lon_deg": [-8.61]}
    text = [completion("Portugal", "Lisbon")]
    early = rewards.spatial_multiscale(text, trainer_state=State(0), **far)[0]
    late = rewards.spatial_multiscale(text, trainer_state=State(100), **far)[0]
    assert early is not None
    assert late is not None
    assert early > late > 0
