"""Drawn photos that must not be believed: a twin differs in its words alone."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from tools.distractor_words import KINDS, NEUTRAL, words_of
from tools.draw_distractors import draw_distractors, write_photos


def test_every_photo_has_a_neutral_twin_and_a_seed_draws_it_again() -> None:
    drawn = draw_distractors(seed=4, each=3)
    assert len(drawn) == 2 * 3 * len(KINDS)
    twins = {one.id: one for one in drawn if one.kind == "neutral"}
    for one in drawn:
        if one.kind != "neutral":
            twin = twins[str(one.neutral)]
            assert (twin.seed, twin.sign, twin.decoys) == (one.seed, one.sign, ())
            assert len(twin.words) <= len(one.words)
            assert (one.sign is None) or one.right_countries == (one.sign.country_code,)
    assert draw_distractors(seed=4, each=3) == drawn
    assert draw_distractors(seed=5, each=3) != drawn


def test_every_kind_has_words_and_neutral_ones() -> None:
    assert set(NEUTRAL) == set(KINDS)
    for kind in KINDS:
        lines, right, decoys = words_of(kind, 0)
        assert lines
        assert all(len(code) == 2 for code in right + decoys)


def test_photos_and_their_manifest_are_written(tmp_path: Path) -> None:
    write_photos(tmp_path, draw_distractors(seed=1, each=1, kinds=["instruction"]))
    rows = [json.loads(line) for line in (tmp_path / "metadata.jsonl").read_text().splitlines()]
    assert [row["kind"] for row in rows] == ["instruction", "neutral"]
    assert rows[0]["neutral"] == rows[1]["id"]
    with (
        Image.open(tmp_path / rows[0]["file"]) as one,
        Image.open(tmp_path / rows[1]["file"]) as two,
    ):
        away = np.abs(np.asarray(one, np.int16) - np.asarray(two, np.int16)).max(axis=2)
    assert 0.001 < float((away > 60).mean()) < 0.2  # letters, not the scene
