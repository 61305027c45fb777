"""The table of the miniature: written once per model and seed, read in one order."""

from pathlib import Path

from geoagent_training.miniature.results import add_row, is_measured, place_in_table, read_results


def test_rows_are_added_below_one_header_with_four_digits(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    assert read_results(path) == []
    add_row(path, {"model": "SFT", "seed": 0, "country": 0.123456})
    add_row(path, {"model": "GRPO", "seed": 1, "country": 1.0})
    assert path.read_text().splitlines() == [
        "model,seed,country",
        "SFT,0,0.1235",
        "GRPO,1,1.0000",
    ]


def test_a_model_is_measured_for_its_own_seed_only(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    add_row(path, {"model": "SFT", "seed": 0})
    assert is_measured(path, "SFT", 0)
    assert not is_measured(path, "SFT", 1)
    assert not is_measured(path, "GRPO", 0)


def test_models_stand_from_the_rules_to_grpo_and_unknown_ones_last() -> None:
    names = ["x", "without semantic", "GRPO", "SFT", "base", "rules"]
    assert sorted(names, key=place_in_table) == [*names[:0:-1], "x"]
