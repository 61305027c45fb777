"""A system of known calibration is measured as what it is."""

from pathlib import Path

import pytest
from geoagent_evaluation.scoring.figures import Figure
from geoagent_evaluation.scoring.score import score_files

from tests.support.prediction_files import write_lines
from tests.support.scripted_claims import ScriptedClaims, scripted_claims

COUNT = 3000


def _figures(claims: ScriptedClaims, folder: Path) -> dict[str, Figure]:
    predictions = write_lines(folder / "p.jsonl", claims.predictions)
    scored = score_files(
        predictions, write_lines(folder / "t.jsonl", claims.truth), kinds=["level"]
    )
    return {f"{f.metric} {f.group}": f for f in scored.score.figures}


def _holds(figure: Figure, value: float) -> bool:
    assert figure.low is not None
    assert figure.high is not None
    return figure.low <= value <= figure.high


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_the_harness_recovers_what_is_known(tmp_path: Path, temperature: float) -> None:
    claims = scripted_claims(COUNT, temperature, seed=4)
    figures = _figures(claims, tmp_path)
    for group in ("all", "level=country"):
        assert _holds(figures[f"nll {group}"], claims.nll)
        assert _holds(figures[f"brier {group}"], claims.brier)
        for bins in ("equal_mass", "equal_width"):
            assert _holds(figures[f"ece_{bins} {group}"], claims.calibration_error)
    assert _holds(figures["coverage_90 all"], 0.9)
    assert _holds(figures["coverage_50 all"], 0.5)
    assert _holds(figures["country_right all"], float(claims.real.mean()))


def test_overconfidence_is_told_from_calibration(tmp_path: Path) -> None:
    honest = _figures(scripted_claims(COUNT, 1.0, seed=5), tmp_path)["ece_equal_mass all"]
    (tmp_path / "over").mkdir()
    over = _figures(scripted_claims(COUNT, 2.5, seed=5), tmp_path / "over")["ece_equal_mass all"]
    assert honest.low == 0
    assert over.low is not None
    assert honest.high is not None
    assert over.low > honest.high
