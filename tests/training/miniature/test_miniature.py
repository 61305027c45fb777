"""The miniature world: its scenes, clues, chains and figures."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from geoagent_evaluation.scoring.score import score_files
from geoagent_training.data.chat_rows import chain_text
from geoagent_training.data.rows import LocatedPhoto, ReasonedPhoto, read_rows
from geoagent_training.data.tables import photo_table
from geoagent_training.evaluation import batch_of, score_answers
from geoagent_training.miniature.chains import (
    CONSISTENCY_CHARACTERS,
    RuleJudge,
    caption,
    read_clues,
    write_chain,
)
from geoagent_training.miniature.data import write_captions, write_scenes
from geoagent_training.miniature.report import write_report
from geoagent_training.miniature.scenes import draw_scene
from geoagent_training.miniature.world import LANDS, Clues, best_city, best_land
from geoagent_training.predictions import write_predictions, write_truth
from geoagent_training.rewards.completions import parse_completion
from geoagent_training.rewards.consistency_score import score_consistency
from geoagent_training.rewards.judge import JudgeQuestion
from geoagent_training.rewards.places import PlaceResolver
from geoagent_training.rewards.reward_tools import RewardTools


def test_every_place_of_the_world_resolves_where_it_is(tools: RewardTools) -> None:
    from geoagent_graph.geo.sphere import distance_km

    assert isinstance(tools.resolver, PlaceResolver)
    for land in LANDS:
        for city in land.cities:
            found = tools.resolver.explain((land.name, city.region, city.name))
            assert found is not None
            assert found.precision == "precise"
            assert distance_km(found.lat_deg, found.lon_deg, city.lat_deg, city.lon_deg) < 5


def test_all_clues_together_name_one_country_and_one_city() -> None:
    for land in LANDS:
        for city in land.cities:
            clues = Clues(land.word, land.plate, land.side, land.sun, city.walls, city.tree)
            assert best_land(clues) is land
            assert best_city(land, clues) is city
    assert best_land(Clues(None, None, None, None, "white", "palm")) is None


def test_chains_name_the_clues_that_are_drawn() -> None:
    chooser = random.Random(5)
    for _ in range(200):
        scene = draw_scene(chooser)
        chain = write_chain(scene.clues, scene.land, scene.city)
        words = chain.CountryIdentification.Reasoning + ", " + chain.RegionalGuess.Reasoning
        assert read_clues(words) == scene.clues == read_clues(caption(scene.clues))


def test_hidden_clues_are_not_in_the_picture() -> None:
    """The same scene with and without a clue differs in pixels; without any two, not at all."""
    from geoagent_training.miniature.scenes import draw_clues

    full = Clues("RUA", "white", "right", "north", "brick", "palm")
    whole = np.asarray(draw_clues(full, random.Random(1)))
    for name in ("word", "plate", "sun", "walls", "tree"):
        hidden = Clues(**{**{f: getattr(full, f) for f in full.__slots__}, name: None})
        assert (np.asarray(draw_clues(hidden, random.Random(1))) != whole).any(), name
    assert (np.asarray(draw_clues(full, random.Random(1))) == whole).all()


def test_the_rules_answer_most_scenes_but_not_all() -> None:
    chooser = random.Random(2)
    scenes = [draw_scene(chooser) for _ in range(1000)]
    share = np.mean([best_land(scene.clues) is scene.land for scene in scenes])
    assert 0.8 < share < 0.97


def test_chains_are_well_formed_and_consistent_under_the_judge() -> None:
    for land in LANDS:
        for city in land.cities:
            clues = Clues(land.word, land.plate, land.side, land.sun, city.walls, city.tree)
            one = parse_completion(chain_text(write_chain(clues, land, city), "think_answer"))
            assert one.well_formed
            assert one.answer is not None
            assert one.answer.fields == (land.name, city.region, city.name)
            (score,) = score_consistency([one], RuleJudge(), characters=CONSISTENCY_CHARACTERS)
            assert score > 0.5
    lying = JudgeQuestion(0, "sign RUA, plate white, drive right, sun north", ())
    assert RuleJudge().conclude([lying]) == ["Brazil"]


def test_scenes_are_written_as_rows(tmp_path: Path) -> None:
    path = write_scenes(tmp_path / "a", 6, seed=3, chains=True)
    rows = list(read_rows(path, ReasonedPhoto))
    assert len(rows) == 6
    again = write_scenes(tmp_path / "b", 6, seed=3, chains=False)
    assert [row.country for row in read_rows(again, LocatedPhoto)] == [row.country for row in rows]
    first = (tmp_path / "a" / "photos" / "00000.png").read_bytes()
    assert first == (tmp_path / "b" / "photos" / "00000.png").read_bytes()
    captions = write_captions(tmp_path / "c", 2, 3, seed=1).read_text().splitlines()
    assert [json.loads(line)["image"] is None for line in captions] == [False] * 2 + [True] * 3


def test_figures_of_known_answers(tmp_path: Path) -> None:
    table = photo_table(write_scenes(tmp_path, 4, seed=0, chains=False), "geoagent")
    truths = [f"{row['country']}; {row['region']}; {row['precise']}" for row in table]
    right = [f"<think>{{}}</think><answer>{text}</answer>" for text in truths]
    figures = score_answers(right, table)
    assert figures.country == figures.within_25_km == figures.resolved == 1.0
    assert figures.geoscore_geoagent == pytest.approx(5000, abs=10)
    none = score_answers(["nothing"] * 4, table)
    assert none.country == none.within_2500_km == none.geoscore_osv5m == none.parsed == 0.0
    half = score_answers([*right[:2], "x", "y"], table)
    assert half.country == 0.5
    assert half.geoscore_osv5m == pytest.approx(2500, abs=10)


def test_answers_are_written_for_the_harness(tmp_path: Path) -> None:
    table = photo_table(write_scenes(tmp_path, 4, seed=0, chains=False), "geoagent")
    truths = [f"{row['country']}; {row['region']}; {row['precise']}" for row in table]
    right = [f"<think>{{}}</think><answer>{text}</answer>" for text in truths]
    batch = batch_of([*right[:2], "nothing", right[3]], table)
    predictions, truth = tmp_path / "predictions.jsonl", tmp_path / "truth.jsonl"
    write_predictions(predictions, batch, table)
    write_truth(truth, batch, table)
    scored = score_files(predictions, truth).score
    figures = {one.metric: one.value for one in scored.figures if one.group == "all"}
    assert figures["within_25_km"] == figures["country_right"] == 0.75
    assert figures["failed"] == 0.25
    assert scored.problems == {}
    by_training = score_answers([*right[:2], "nothing", right[3]], table)
    assert figures["geoscore_osv5m"] == pytest.approx(by_training.geoscore_osv5m, rel=1e-3)


def test_the_report_has_means_and_spreads(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    results.write_text(
        "model,seed,country,within_25_km,within_750_km,geoscore_geoagent,geoscore_osv5m,parsed\n"
        "SFT,0,0.5,0.4,0.6,2000,1900,1\nSFT,1,0.7,0.4,0.6,2200,2100,1\n"
    )
    table = write_report(results).read_text()
    assert "| SFT | 2 | 60.0 % ± 14.1 % | 40.0 % ± 0.0 %" in table
    assert "2100 ± 141" in table
    assert (tmp_path / "accuracy.png").stat().st_size > 1000
    assert not (tmp_path / "curves.png").exists()
