"""The paired differences on a page of several systems."""

from pathlib import Path

import numpy as np
from geoagent_evaluation.report.markup import html_text
from geoagent_evaluation.report.sections.paired_section import paired_section
from geoagent_evaluation.scoring.figures import ScoreFile

from tests.evaluation.support.html_outline import outline_of
from tests.evaluation.support.score_folders import drawn_rows, write_score_folder


def test_each_system_is_told_less_the_first(tmp_path: Path) -> None:
    rows = drawn_rows(30)
    never = {**rows, "country_right": np.zeros(30, bool)}
    score = ScoreFile("system", (), (), {})
    folders = [
        write_score_folder(tmp_path / name, columns, score)
        for name, columns in (("a", rows), ("b", never), ("c", rows))
    ]
    section = paired_section(folders, ["one", "two", "three"])
    assert section is not None
    words = outline_of(html_text(section)).words()
    assert "Each system less one, over the 30 photos that all have" in words
    share = f"{100 * rows['country_right'].mean():.1f}"
    two, three = words.split(" two ")[1].split(" three ")
    assert f"−{share} %" in two
    assert "p = 0.00" in two
    assert f"−{share} %" not in three
