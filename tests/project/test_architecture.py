"""Who may import whom, where modules lie, what importing costs, and what is installed."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tools.count_imports import (
    PACKAGES,
    folder_arrows,
    folder_of,
    import_circles,
    imported_names,
    module_edges,
    module_files,
)

# The ground floor: its files may import each other, in no circle, and nothing else of ours.
FLOOR = {
    "call_log", "call_threads", "deferred_imports", "display", "errors", "file_claims", "held_file",
    "installation", "look_alikes", "number_words", "photo_places", "plugins", "positions",
    "protocols", "questions", "regular_files", "safe_text", "search_areas", "settings", "state",
    "sun_marks", "supported_systems", "toolbox", "translation", "trip_types", "types",
    "validation_words", "version", "whole_files",
}  # fmt: skip
TOOLS = {"geo", "images", "perception", "retrieval"}
APPLICATION = {"api", "default_tools", "kept_answers", "studio"}
# Which folders and files may import which others, apart from the ground floor, which all may.
ALLOWED: dict[str, set[str]] = {
    **{name: set() for name in FLOOR},
    "allocator": set(),
    "geo": set(),
    "weights": set(),
    "workers": {"allocator"},
    "images": {"workers"},
    "perception": {"allocator", "weights", "workers"},
    "retrieval": {"images", "workers"},
    "evidence": {"geo", "perception", "weights"},
    "policies": {"evidence", "weights", *TOOLS},
    "nodes": {"geo", "perception"},  # policies are known by their protocol alone
    "threads": set(),
    "graph": {"nodes", "threads"},
    "cases": {"evidence", "graph", "images", "nodes"},  # and policies by their protocol
    "render": {"cases", "evidence", "geo"},
    "telemetry": {"cases"},
    "testing": {"evidence", "geo", "perception", "policies", "weights"},
    "default_tools": {"evidence", "policies", "weights", *TOOLS},
    "api": {"default_tools", "graph", "images"},
    "kept_answers": {"api", "cases", "images"},
    "batch": {
        "allocator", "api", "default_tools", "images", "kept_answers", "policies", "render",
        "retrieval", "workers",
    },
    "studio": {"api", "graph", "images"},
    "serve": {"cases", "evidence", "geo", "render"},
    "mcp_server": {"cases", "geo", "images", "render"},
    "cli": {
        "allocator", "api", "batch", "cases", "default_tools", "evidence", "kept_answers",
        "mcp_server", "policies", "geoagent_evaluation", "render", "serve", "telemetry",
        "weights", *TOOLS,
    },
    # its __init__: the public names
    "geoagent_graph": {"api", "batch", "cases", "default_tools", "graph", "policies"},
    "__main__": {"cli"},
    "geoagent_kernels": set(),
    "geoagent_evaluation": {
        "allocator", "api", "default_tools", "evidence", "geo", "images", "kept_answers",
        "policies", "retrieval",
    },
    "geoagent_training": {
        "api", "default_tools", "geo", "geoagent_kernels", "policies", "render", "testing",
    },
}  # fmt: skip
# What of the cases `render` reads, and what of the evidence: views of a trace, names of clues.
RENDER_READS = {"cases": {"cases.view", "cases.trip.trip_view"}, "evidence": {"evidence.sources"}}

# Outside packages that a package may not import, and the files that are the exception.
FORBIDDEN = {
    "geoagent_graph": {"trl", "peft", "torch"},
    "geoagent_kernels": {"transformers", "trl", "langgraph"},
    "geoagent_training": {"langgraph", "rapidocr", "faiss"},
    "geoagent_evaluation": {"langgraph", "rapidocr", "faiss", "torch"},
}
NEEDS_TORCH = {
    "geoagent_graph.perception.transformers_tower",
    "geoagent_graph.policies.backends.transformers",
    "geoagent_graph.policies.backends.transformers_doctor",
    "geoagent_graph.testing.tiny_model",
}
FOLDERS = {
    "batch", "cases", "cases/trip",
    "cli", "cli/cases", "cli/index", "cli/keep_warm",
    "evidence", "evidence/language", "evidence/names", "evidence/phones", "evidence/sources",
    "evidence/sun", "evidence/trip",
    "geo", "images", "images/sandbox", "mcp_server", "nodes", "perception",
    "policies", "policies/backends", "policies/backends/openai", "policies/model", "positions",
    "render", "render/formats", "render/html", "render/maps", "render/terminal",
    "retrieval", "serve", "telemetry", "testing", "weights", "workers",
}  # fmt: skip
MAX_LINES = 400


def _outside_packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported_names(path)}


def test_folders_import_only_what_they_may() -> None:
    wrong = {
        imports
        for (source, target), found in folder_arrows(module_edges()).items()
        if target not in ALLOWED[source] | (FLOOR if source != "geoagent_kernels" else set())
        for imports in found
    }
    wrong |= _render_beyond_views()
    assert wrong == set()


def _render_beyond_views() -> set[tuple[str, str]]:
    arrows = folder_arrows(module_edges())
    return {
        (module, target)
        for folder, parts in RENDER_READS.items()
        for module, target in arrows.get(("render", folder), ())
        if target.removeprefix("geoagent_graph.") not in parts
    }


def test_every_module_has_its_place_among_the_allowed_arrows() -> None:
    assert {folder_of(module) for module in module_files()} == ALLOWED.keys()


def test_allowed_arrows_run_in_one_direction() -> None:
    left = {folder: targets - FLOOR for folder, targets in ALLOWED.items()}
    while left:
        lowest = {folder for folder, targets in left.items() if not targets & left.keys()}
        assert lowest, f"a circle among {sorted(left)}"
        left = {folder: left[folder] for folder in left.keys() - lowest}


def test_no_modules_import_each_other() -> None:
    assert import_circles(module_edges()) == []


def test_the_agent_has_these_folders_and_no_others() -> None:
    package = PACKAGES["geoagent_graph"]
    folders = {
        path.parent.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if path.parent != package
    }
    assert folders == FOLDERS


@pytest.mark.parametrize("folder", ["geoagent_graph", *sorted(FOLDERS)])
def test_every_folder_says_what_is_in_it(folder: str) -> None:
    path = PACKAGES["geoagent_graph"] / ("" if folder == "geoagent_graph" else folder)
    assert (path / "__init__.py").read_text().startswith('"""')


def test_only_the_floor_and_the_application_lie_beside_the_folders() -> None:
    package = PACKAGES["geoagent_graph"]
    files = {path.stem for path in package.glob("*.py")} - {"__init__"}
    assert files == FLOOR - FOLDERS | APPLICATION | {"__main__", "allocator", "graph", "threads"}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_packages_import_no_library_that_they_may_not(package: str) -> None:
    files = {name: path for name, path in module_files().items() if name.split(".")[0] == package}
    assert files
    wrong = {
        name: found - ({"torch"} if name in NEEDS_TORCH else set())
        for name, path in files.items()
        if (found := _outside_packages(path) & FORBIDDEN[package])
    }
    assert {name: found for name, found in wrong.items() if found} == {}


def test_exceptions_name_files_that_need_them() -> None:
    files = module_files()
    assert {
        name for name in NEEDS_TORCH if "torch" in _outside_packages(files[name])
    } == NEEDS_TORCH


def test_only_settings_reads_the_environment() -> None:
    readers = {
        path.name
        for path in PACKAGES["geoagent_graph"].rglob("*.py")
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    }
    # surroundings.py hands the whole of it on to a helper, and reads no setting
    assert readers == {"settings.py", "surroundings.py"}


def test_nothing_is_unpickled() -> None:
    assert [
        name for name, path in module_files().items() if "pickle" in _outside_packages(path)
    ] == []


def _output_of(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout


def test_importing_the_package_imports_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import geoagent_graph\n"
        "new = {name.split('.')[0] for name in sys.modules.keys() - before}\n"
        "print(sorted(new - sys.stdlib_module_names))"
    )
    assert _output_of(code).strip() == "['geoagent_graph']"


def test_the_agent_runs_without_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import geoagent_graph.graph, geoagent_graph.default_tools, geoagent_graph.cli.app\n"
        "print('langgraph' in sys.modules)"
    )
    assert _output_of(code).strip() == "True"


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
        name: lines
        for name, path in module_files().items()
        if (lines := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert not long
