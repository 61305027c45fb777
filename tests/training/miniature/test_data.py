"""Scenes and captions as data sets: rows that the readers take, each city in its turn."""

import json
from collections import Counter
from pathlib import Path

from geoagent_training.data.rows import LocatedPhoto, ReasonedPhoto, read_rows
from geoagent_training.miniature.data import vocabulary, write_captions, write_scenes
from geoagent_training.miniature.scenes import PLACES
from geoagent_training.miniature.world import LANDS
from PIL import Image


def test_scenes_are_rows_with_their_photos_and_their_chains(tmp_path: Path) -> None:
    path = write_scenes(tmp_path, 3, seed=1, chains=True)
    rows = [*read_rows(path, ReasonedPhoto)]
    for row in rows:
        assert row.chain.FinalAnswer == f"{row.country}; {row.region}; {row.precise}"
        with Image.open(tmp_path / row.image) as picture:
            assert picture.size == (112, 112)
    assert len({row.image for row in rows}) == 3
    again = write_scenes(tmp_path / "again", 3, seed=1, chains=False)
    bare = [*read_rows(again, LocatedPhoto)]
    assert [row.precise for row in bare] == [row.precise for row in rows]


def test_balanced_scenes_show_every_city_before_any_comes_again(tmp_path: Path) -> None:
    path = write_scenes(tmp_path, len(PLACES) + 3, seed=2, chains=False, balanced=True)
    names = [row.precise for row in read_rows(path, LocatedPhoto)]
    assert {*names[: len(PLACES)]} == {city.name for _, city in PLACES}
    assert max(Counter(names).values()) == 2


def test_captions_name_clues_and_records_have_no_photo(tmp_path: Path) -> None:
    lines = write_captions(tmp_path, 2, 3, seed=1).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["image"] for row in rows] == ["photos/00000.png", "photos/00001.png", *[None] * 3]
    said = json.loads(rows[0]["conversation"])[-1]["content"]
    assert said.startswith("sign ")
    assert not any(land.name in said for land in LANDS)
    record = json.loads(rows[-1]["conversation"])
    assert record[1]["content"].startswith("sign ")
    assert record[2]["content"].endswith("</answer>")


def test_the_vocabulary_has_every_name_and_every_word_of_a_sign() -> None:
    text = "\n".join(vocabulary())
    for land in LANDS:
        assert land.name in text
        assert land.word in text
        assert all(city.name in text and city.region in text for city in land.cities)
