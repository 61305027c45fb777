"""The digest that stored runs name their prompts by."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from geoagent_graph.policies.model.prompt_digest import prompts_sha256


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    prompts_sha256.cache_clear()
    yield
    prompts_sha256.cache_clear()


def digest_of(words: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = folder / "policies" / "model" / "prompts.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(words)
    monkeypatch.setattr(resources, "files", lambda package: folder)
    prompts_sha256.cache_clear()
    return prompts_sha256()


def test_the_digest_follows_every_byte_of_the_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = digest_of(b"Where?", tmp_path, monkeypatch)
    assert digest == "e2f253355284486348fb9e4c836faa8aac1431478a06e6df4d73ede12bf99e53"
    assert digest != digest_of(b"Where? ", tmp_path, monkeypatch)
    assert digest == digest_of(b"Where?", tmp_path, monkeypatch)


def test_the_digest_in_use_is_read_once() -> None:
    first = prompts_sha256()
    assert first is prompts_sha256()
    assert len(first) == 64
