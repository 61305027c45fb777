"""What errors and documents tell people to install can be installed as it is printed."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

FOLDERS = (
    "geoagent_graph", "kernels", "training", "evaluation", "examples", "docs", "skills", ".github",
    "tools", "benchmarks",
)  # fmt: skip
SUFFIXES = {".py", ".md", ".yml", ".yaml", ".txt", ".html", ".js", ".toml", ".ipynb"}
WRITTEN = re.compile(r"(?:geoagent-graph|(?<=[\s'\"`])\.)\[([a-z][a-z, ]*)\]")
CALLED = re.compile(r"extra_command\(([^)]*)\)")
SYNCED = re.compile(r"--extra[ =]([a-z]+)|EXTRAS=\"([a-z ]+)\"")


def _files() -> Iterator[Path]:
    for path in ROOT.iterdir():
        if path.is_file() and (path.suffix in SUFFIXES or path.name in ("Dockerfile", "Makefile")):
            yield path
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in SUFFIXES or path.name == "Dockerfile":
                yield path


def extras_in(text: str) -> set[str]:
    """Return every extra of this project that a text names."""
    named = [words for found in SYNCED.findall(text) for words in found]
    named += WRITTEN.findall(text)
    named += [" ".join(re.findall(r"[\"']([a-z]+)[\"']", found)) for found in CALLED.findall(text)]
    return {extra for words in named for extra in re.split(r"[,\s]+", words) if extra}


def _declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return set(project["optional-dependencies"])


def test_every_extra_that_is_named_exists() -> None:
    found: dict[str, set[str]] = {}
    for path in _files():
        for extra in extras_in(path.read_text(encoding="utf-8")):
            found.setdefault(extra, set()).add(str(path.relative_to(ROOT)))
    assert found.keys() >= {"serve", "mcp", "otel", "heic", "see", "train", "served"}
    unknown = {extra: sorted(files) for extra, files in found.items() if extra not in _declared()}
    assert unknown == {}


@pytest.mark.parametrize(
    ("text", "extras"),
    [
        ("pip install 'geoagent-graph[serve]'", {"serve"}),
        ('pip install ".[train,vllm]"', {"train", "vllm"}),
        ("Run: {extra_command('otel')}", {"otel"}),
        ('make requirements EXTRAS="train vllm"', {"train", "vllm"}),
        ("uv sync --locked --extra serve", {"serve"}),
        ("values[rows], names.[x", set()),
    ],
)
def test_extras_are_found_as_they_are_written(text: str, extras: set[str]) -> None:
    assert extras_in(text) == extras
