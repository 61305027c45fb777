"""What the miniature keeps, refuses and draws around its trainings; the trainings are not run."""

import json
from pathlib import Path

import numpy as np
import pytest
from geoagent_training.data.rows import LocatedPhoto, read_rows
from geoagent_training.errors import ConfigError
from geoagent_training.miniature.data import vocabulary, write_captions, write_scenes
from geoagent_training.miniature.pictures import draw_accuracy, draw_curves, read_curves
from geoagent_training.miniature.results import add_row, is_measured, read_results
from geoagent_training.miniature.run import rule_answers, run_miniature
from geoagent_training.miniature.stages import VARIANTS, Scale, train_once
from geoagent_training.miniature.world import LANDS
from geoagent_training.rewards.completions import parse_completion
from PIL import Image

from geoagent_graph.testing.tiny_model import build_tiny_model


def test_rows_are_kept_and_found_again(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    assert not is_measured(results, "SFT", 0)
    add_row(results, {"model": "SFT", "seed": 0, "country": 0.123456})
    add_row(results, {"model": "SFT", "seed": 1, "country": 1.0})
    assert is_measured(results, "SFT", 1)
    assert not is_measured(results, "GRPO", 0)
    assert [row["country"] for row in read_results(results)] == ["0.1235", "1.0000"]


def test_an_unknown_variant_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'without spatial'"):
        run_miniature(tmp_path, variants=["without spacial"])
    assert list(tmp_path.iterdir()) == []


def test_each_variant_leaves_out_one_reward_and_keeps_its_curve() -> None:
    paper = {choice.function: choice.weight for choice in VARIANTS["GRPO"]}
    assert (paper["spatial"], paper["semantic"], paper["consistency"]) == (1.5, 1.0, 0.5)
    for name in ("spatial", "semantic", "consistency"):
        weights = {choice.function: choice.weight for choice in VARIANTS[f"without {name}"]}
        assert weights == {**paper, name: 0.0}


def test_records_name_places_that_are_and_clues_that_say_nothing(tmp_path: Path) -> None:
    """The base may know geography; what a clue stands for is left to SFT and GRPO."""
    lines = write_captions(tmp_path, 0, 400, seed=1).read_text(encoding="utf-8").splitlines()
    places = {(land.name, city.region, city.name) for land in LANDS for city in land.cities}
    words = {land.name: land.word for land in LANDS}
    told = []
    for line in lines:
        reply = parse_completion(json.loads(json.loads(line)["conversation"])[-1]["content"])
        assert reply.answer is not None
        assert reply.answer.fields in places
        told.append(f"sign {words[reply.answer.fields[0]]}," in reply.stages[0].reasoning)
    # by chance: one of seven words, hidden now and then
    assert np.mean(told) == pytest.approx(0.85 / 6, abs=0.06)


def test_balanced_scenes_show_every_city_before_any_comes_again(tmp_path: Path) -> None:
    path = write_scenes(tmp_path, 50, seed=2, chains=False, balanced=True)
    names = [row.precise for row in read_rows(path, LocatedPhoto)]
    cities = {city.name for land in LANDS for city in land.cities}
    assert set(names[:24]) == set(names[24:48]) == cities
    assert names[:24] != names[24:48]


def test_the_rules_answer_every_unseen_scene() -> None:
    replies = [parse_completion(text) for text in rule_answers(Scale(unseen_scenes=50))]
    assert len(replies) == 50
    assert all(reply.well_formed and reply.answer for reply in replies)


@pytest.mark.filterwarnings("default")  # torch and transformers warn of their own doings
def test_a_stage_is_trained_once_and_again_after_a_half_written_export(tmp_path: Path) -> None:
    model = build_tiny_model(tmp_path / "model", vocabulary())
    trainings = []

    def train() -> Path:
        trainings.append("one")
        return model

    half = tmp_path / "seed0" / "sft.part"
    half.mkdir(parents=True)
    (half / "config.json").write_text("{")
    target = tmp_path / "seed0" / "sft"
    assert train_once(target, train) == train_once(target, train) == target
    assert trainings == ["one"]
    assert (target / "model.safetensors").is_file()
    assert not half.exists()
    (cost,) = read_results(tmp_path / "costs.csv")
    assert cost["stage"] == "seed0/sft"


def test_pictures_have_every_variant_and_seed(tmp_path: Path) -> None:
    for seed, length in ((0, 12), (1, 9)):
        run = tmp_path / f"seed{seed}" / "without_spatial_run"
        run.mkdir(parents=True)
        steps = [{"step": i, "rewards/spatial/mean": i + seed} for i in range(length)]
        (run / "log.json").write_text(json.dumps([*steps, {"train_loss": 0.0}]))
    curves = read_curves(tmp_path)
    assert list(curves) == ["without spatial"]
    values = curves["without spatial"]["rewards/spatial/mean"]
    assert values.tolist() == [[float(i) for i in range(9)], [float(i + 1) for i in range(9)]]
    draw_curves(curves, tmp_path / "curves.png")
    draw_accuracy({"country": {"rules": [0.9], "SFT": [0.5, 0.7]}}, tmp_path / "accuracy.png")
    for name in ("curves.png", "accuracy.png"):
        assert len(np.unique(np.asarray(Image.open(tmp_path / name)))) > 10
