"""Who may import whom, what importing costs, and what an installation brings."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "geoagent_graph": ROOT / "geoagent_graph",
    "geoagent_kernels": ROOT / "kernels" / "geoagent_kernels",
    "geoagent_training": ROOT / "training" / "geoagent_training",
}
# The only modules of the agent that may import torch, and only when they are asked for.
NEEDS_TORCH = {"local_doctor.py", "tiny_model.py", "transformers_policy.py"}
FORBIDDEN = {
    "geoagent_graph": {"geoagent_kernels", "geoagent_training", "trl", "peft", "torch"},
    "geoagent_kernels": {"geoagent_graph", "geoagent_training", "transformers", "trl", "langgraph"},
    "geoagent_training": {"langgraph", "rapidocr", "faiss"},
}


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_packages_import_only_what_they_may(package: str) -> None:
    files = sorted(PACKAGES[package].rglob("*.py"))
    assert files
    wrong = {}
    for path in files:
        forbidden = FORBIDDEN[package] - ({"torch"} if path.name in NEEDS_TORCH else set())
        if _imports(path) & forbidden:
            wrong[str(path.relative_to(ROOT))] = sorted(_imports(path) & forbidden)
    assert not wrong


def test_only_settings_reads_the_environment() -> None:
    readers = {
        path.name
        for path in PACKAGES["geoagent_graph"].rglob("*.py")
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    }
    assert readers == {"settings.py"}


def test_nothing_is_unpickled() -> None:
    for package in PACKAGES.values():
        for path in package.rglob("*.py"):
            if path.name != "weights_reader.py":  # a restricted reader of one known file
                assert "pickle" not in _imports(path), path


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout


def test_importing_the_package_is_cheap() -> None:
    costs = [
        float(_run("import time; import geoagent_graph; print(time.process_time())"))
        for _ in range(3)
    ]
    assert min(costs) < 0.3


def test_the_agent_runs_without_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import geoagent_graph.graph, geoagent_graph.default_tools, geoagent_graph.cli.app\n"
        "print('langgraph' in sys.modules)"
    )
    assert _run(code).strip() == "True"


def test_the_base_install_asks_for_no_torch() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[<>=!~\[ ;]", line)[0] for line in project["dependencies"]}
    assert "langgraph" in names
    assert not names & {"torch", "triton", "transformers", "vllm"}


def test_installing_makes_no_common_name_importable(tmp_path: Path) -> None:
    code = (
        "import importlib.util as u\n"
        "print([n for n in ('kernels', 'training', 'tests', 'examples') if u.find_spec(n)])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "[]"


def test_files_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for package in PACKAGES.values()
        for path in package.rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert not long
