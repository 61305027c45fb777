"""The table in Markdown: models in order, means and deviations of seeds, scores as numbers."""

from pathlib import Path

import pytest
from geoagent_training.miniature import report
from geoagent_training.miniature.results import add_row


def row(model: str, seed: int, share: float) -> dict[str, object]:
    columns = ("country", "within_25_km", "within_750_km", "parsed")
    scores = {"geoscore_geoagent": 5000 * share, "geoscore_osv5m": 4000 * share}
    return {"model": model, "seed": seed, **dict.fromkeys(columns, share), **scores}


def test_the_table_has_means_and_deviations_in_the_order_of_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[dict[str, dict[str, list[float]]]] = []
    monkeypatch.setattr(report, "draw_accuracy", lambda shares, path: drawn.append(shares))
    results = tmp_path / "results.csv"
    for model, seed, share in (("GRPO", 0, 0.4), ("GRPO", 1, 0.6), ("rules", 0, 0.9)):
        add_row(results, row(model, seed, share))
    header, _, rules, grpo = report.write_report(results).read_text("utf-8").splitlines()
    assert header.startswith("| model | seeds | country | 25 km | 750 km | GeoScore (GeoAgent)")
    assert rules == "| rules | 1 | 90.0 % | 90.0 % | 90.0 % | 4500 | 3600 | 90.0 % |"
    # the deviation of 0.4 and 0.6 is 0.2 / sqrt(2)
    both = "50.0 % ± 14.1 %"
    assert grpo == f"| GRPO | 2 | {both} | {both} | {both} | 2500 ± 707 | 2000 ± 566 | {both} |"
    assert drawn == [
        {key: {"rules": [0.9], "GRPO": [0.4, 0.6]} for key in ("right country", "within 25 km")}
    ]


def test_tools_have_a_column_where_they_were_counted(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    add_row(results, row("SFT with tools", 0, 0.5) | {"calls": 1.75})
    add_row(results, row("SFT without tools", 0, 0.5) | {"calls": 0.0})
    header, _, first, second = report.write_report(results).read_text("utf-8").splitlines()
    assert header.endswith("| parsed | tools for a photo |")
    assert first.endswith("| 50.0 % | 1.75 |")
    assert second.endswith("| 50.0 % | 0.00 |")
