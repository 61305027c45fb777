"""The page of one system: its structure, what it says of odd scores, and that it is repeatable."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geoagent_evaluation.report.page import system_report
from geoagent_evaluation.report.score_folder import read_score_folder
from geoagent_evaluation.scoring.figures import Figure, ScoreFile

from tests.evaluation.support.html_outline import Outline, outline_of
from tests.evaluation.support.score_folders import drawn_rows, write_run, write_score_folder

HOSTILE = '<script>alert(1)</script>"\u202egpj.\x00\x1b[31m&amp;'


def html_of(folder: Path) -> str:
    return system_report(read_score_folder(folder)).html


def page_of(folder: Path) -> Outline:
    return checked_outline(html_of(folder))


def checked_outline(html: str) -> Outline:
    """Return what is on a page whose references all lead to the page itself."""
    outline = outline_of(html)
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.names) <= set(outline.ids)
    assert {name[1:] for name in outline.references} <= set(outline.ids)
    assert all(name.startswith("#") for name in outline.references)
    assert not {"script", "iframe", "link", "img", "object", "form", "base"} & set(outline.tags)
    assert not [name for _, name, _ in outline.attributes if name.startswith("on")]
    return outline


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = write_score_folder(tmp_path_factory.mktemp("score"))
    write_run(folder, [f"street/{number:05d}.jpg" for number in range(60)])
    return html_of(folder)


@pytest.fixture(scope="module")
def outline(html: str) -> Outline:
    return checked_outline(html)


def write_bare_folder(folder: Path, rows: dict[str, Any], **changes: Any) -> Path:
    """Write a score without figures, curves and sources: the page has what the rows say."""
    return write_score_folder(folder, rows, ScoreFile("bare", (), (), {}), **changes)


def test_it_has_every_section_of_a_whole_score(outline: Outline) -> None:
    sections = [
        "accuracy", "errors", "calibration", "risk", "sources", "conduct", "groups", "worst",
        "repeat",
    ]  # fmt: skip
    assert [name for name in outline.ids if name in sections] == sections


def test_headings_are_in_order_and_tables_have_captions(outline: Outline) -> None:
    levels = [int(tag[1]) for tag in outline.tags if tag in {"h1", "h2", "h3", "h4"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert outline.tags.count("caption") == outline.tags.count("table")


def test_every_drawing_has_a_name_and_a_description(outline: Outline) -> None:
    assert outline.tags.count("svg") >= 6
    assert outline.tags.count("svg") == outline.tags.count("desc")
    named = [value for tag, name, value in outline.attributes if (tag, name) == ("svg", "role")]
    assert named == ["img"] * outline.tags.count("svg")


def test_head_states_system_data_set_count_date_and_key_figures(outline: Outline) -> None:
    words = outline.words()
    for part in ("evidence policy", "streets.jsonl", "60 photos", "2026-01-02", "Within 25 km"):
        assert part in words
    assert len(re.findall(r"95 % interval [\d.]+–[\d.]+, n = 60", words)) == 3
    assert "60 photos: the intervals are wide" in words
    assert "Sixteen cities stand for the world." in words


def test_baselines_stand_in_the_table_of_accuracy(outline: Outline) -> None:
    words = outline.words()
    accuracy = words[words.index("Share of all photos within a distance") :][:900]
    for name in ("evidence policy", "best constant", "population prior", "without tools"):
        assert name in accuracy
    assert "only text" not in accuracy
    sources = words[words.index("The system with each source alone") :][:900]
    assert "only text" in sources
    assert "without text" in sources


def test_flagged_source_is_said_in_words(outline: Outline) -> None:
    assert "Flagged: brands lowers the truth beyond the interval." in outline.words()


def test_traces_of_the_worst_cases_can_be_opened(outline: Outline) -> None:
    words = outline.words()
    assert outline.tags.count("summary") >= 10
    assert "judge · country accepts Brazil" in words
    assert "+1.40 nats languages: the text is Portuguese" in words


def test_same_score_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = write_bare_folder(tmp_path / "score", drawn_rows(9))
    assert html_of(folder) == html_of(folder)


def test_nothing_on_it_is_not_a_number_or_an_address(html: str) -> None:
    assert "NaN" not in html
    assert ">nan" not in html
    assert "http" not in html


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    rows = {**drawn_rows(12), "id": [f"{HOSTILE}{n}" for n in range(12)], "level": [HOSTILE] * 12}
    gain = {"mean": 1.0, "low": 0.0, "high": 2.0}
    folder = write_bare_folder(
        tmp_path / "score", rows, system=HOSTILE, notes=(HOSTILE,), problems={HOSTILE: 3},
        inputs={HOSTILE: HOSTILE}, figures=(Figure(HOSTILE, 0.5, "share", 12, f"{HOSTILE}=1"),),
        sources=({"source": f"$\\frac{HOSTILE}", "gain_country": gain},),
    )  # fmt: skip
    words = page_of(folder).words()
    assert "<script>alert(1)</script>" in words
    assert not set(words) & set("\u202e\x00\x1b")


def test_one_photo_makes_a_page(tmp_path: Path) -> None:
    words = page_of(write_bare_folder(tmp_path / "score", drawn_rows(1))).words()
    assert "1 photo: the intervals are wide" in words
    assert "World map of errors" in words


def test_all_failed_is_said_without_a_map(tmp_path: Path) -> None:
    names = ("distance_km", "lat_deg", "lon_deg", "probability", "radius_km")
    nothing = dict.fromkeys(names, np.full(8, np.nan))
    rows = {**drawn_rows(8), **nothing, "failed": np.ones(8, bool)}
    outline = page_of(write_bare_folder(tmp_path / "score", rows))
    for part in (
        "8 photos (100.0 %) failed",
        "no error is known",
        "No figure of accuracy was measured.",
        "The system states no probabilities",
        "No reliability diagram: no claim states a probability.",
    ):
        assert part in outline.words()
    assert not {"worst", "sources", "groups", "risk", "conduct"} & set(outline.ids)
    assert "svg" not in outline.tags


def test_missing_columns_are_empty_and_ids_of_any_length_are_cut(tmp_path: Path) -> None:
    rows = {**drawn_rows(6), "id": ["x" * 1_000_000 + str(number) for number in range(6)]}
    kept = ("id", "lat_deg", "lon_deg", "true_lat_deg", "true_lon_deg", "distance_km")
    folder = write_bare_folder(tmp_path / "score", {name: rows[name] for name in kept})
    html = html_of(folder)
    assert len(html) < 300_000
    words = checked_outline(html).words()
    assert "Largest errors" in words
    assert "no level" in words


def test_many_photos_are_sampled_on_the_map_and_it_says_so(tmp_path: Path) -> None:
    html = html_of(write_bare_folder(tmp_path / "score", drawn_rows(4000)))
    assert re.search("3,0.. of 4,000 photos, evenly from the file, and the worst", html)
    assert len(html) < 1_000_000
