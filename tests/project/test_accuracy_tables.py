"""The tables of docs/accuracy.md as the benchmark writes them."""

from pathlib import Path

import pytest
from geoagent_evaluation.scoring.figures import Figure, ScoreFile

from benchmarks.accuracy import figure_table, replace_figures, source_table

_GAIN = {"mean": -0.5, "low": -0.75, "high": -0.25, "n": 9, "clusters": 9}
_SCORE = ScoreFile(
    system="predictions",
    figures=(
        Figure("within_25_km", 0.5, "share", 10, low=0.2, high=0.8),
        Figure("within_25_km", 0.9, "share", 10, group="continent=EU"),
        Figure("median_km", 812.6, "km", 10, low=500.0, high=900.0),
        Figure("median_km", 2000.0, "km", 10, low=1.0, high=2.0, system="best_constant"),
    ),
    curves=(),
    inputs={},
    sources=(
        {"source": "street_words", "spoke": 9, "photos": 10, "helped": 1, "hurt": 8,
         "gain_country": _GAIN, "flagged": True},
    ),
)  # fmt: skip


def test_a_row_for_the_agent_and_each_baseline() -> None:
    _, _, agent, constant = figure_table(_SCORE)
    assert agent.startswith("| the agent |  | 50.0 % (20 to 80) |")
    assert "813 (500 to 900)" in agent
    assert "best constant" in constant
    assert " 2000 |" in constant


def test_a_row_for_each_source() -> None:
    row = list(source_table(_SCORE))[-1]
    assert row == "| street words | 9 of 10 | 1 | 8 | -0.500 (-0.750 to -0.250) |  | yes |"


def test_tables_stand_between_the_marks(tmp_path: Path) -> None:
    docs = tmp_path / "accuracy.md"
    docs.write_text("before\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nafter\n")
    replace_figures(docs, ["| new |"])
    replace_figures(docs, ["| newer |"])
    assert docs.read_text() == (
        "before\n<!-- figures: begin -->\n| newer |\n<!-- figures: end -->\nafter\n"
    )
    docs.write_text("nothing")
    with pytest.raises(SystemExit, match="has no marks"):
        replace_figures(docs, [])
