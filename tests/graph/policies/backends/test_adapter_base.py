"""An adapter whose base model is not where its folder says."""

import json
from pathlib import Path

import pytest

from geoagent_graph.policies.backends.adapter_base import SETTINGS_NAME, missing_base_words


def _adapter(folder: Path, content: object) -> str:
    folder.mkdir()
    (folder / SETTINGS_NAME).write_text(json.dumps(content))
    return str(folder)


def test_a_relative_base_is_said_with_where_it_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = _adapter(tmp_path / "adapter", {"base_model_name_or_path": "runs/base"})
    monkeypatch.chdir(tmp_path)
    words = missing_base_words(adapter)
    assert words is not None
    assert f"runs/base, and there is no such folder below {tmp_path}" in words
    (tmp_path / "runs" / "base").mkdir(parents=True)
    assert missing_base_words(adapter) is None


@pytest.mark.parametrize("content", [{}, [], {"base_model_name_or_path": None}, 3])
def test_an_adapter_that_names_no_base_is_said(tmp_path: Path, content: object) -> None:
    words = missing_base_words(_adapter(tmp_path / "adapter", content))
    assert words is not None
    assert "names no base model" in words


def test_a_whole_model_misses_no_base(tmp_path: Path) -> None:
    assert missing_base_words(str(tmp_path)) is None
    assert missing_base_words("owner/name") is None
