"""The tiny kit: two models of which one knows the words of the tools, and two sets of scenes."""

from pathlib import Path
from typing import Any

import pytest
from geoagent_training.data.rows import LocatedPhoto, ReasonedPhoto, read_rows
from geoagent_training.miniature import tiny_kit


def test_models_and_scenes_stand_where_the_recipes_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: dict[str, list[str]] = {}

    def build(folder: Path, texts: list[str]) -> Any:
        built[folder.name] = texts

    monkeypatch.setattr(tiny_kit, "build_tiny_model", build)
    assert tiny_kit.write_tiny_kit(tmp_path, scenes=2) == tmp_path
    assert {*built["model"]} < {*built["agent_model"]}
    assert any("reverse_geocode" in text for text in built["agent_model"])
    assert not any("reverse_geocode" in text for text in built["model"])
    chains = [*read_rows(tmp_path / "chains" / "rows.jsonl", ReasonedPhoto)]
    places = [*read_rows(tmp_path / "places" / "rows.jsonl", LocatedPhoto)]
    assert (len(chains), len(places)) == (2, 2)
