"""Packages run later, and are then what they always were."""

import importlib
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from geoagent_graph import deferred_imports
from geoagent_graph.deferred_imports import DeferringFinder

NAME = "part_of_it"
CODE = """
import part_of_it.small as small
RAN = True
value = small.NUMBER + 1
__all__ = ["value"]
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    folder = tmp_path / NAME
    folder.mkdir()
    (folder / "__init__.py").write_text(CODE)
    (folder / "small.py").write_text("NUMBER = 41\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(deferred_imports, "PACKAGES", frozenset({NAME}))
    monkeypatch.setattr(sys, "meta_path", [DeferringFinder(), *sys.meta_path])
    for name in (NAME, f"{NAME}.small"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module(NAME)


def test_a_part_is_imported_without_running_the_package(package: ModuleType) -> None:
    small = importlib.import_module(f"{NAME}.small")
    assert small.NUMBER == 41
    assert "RAN" not in vars(package)


def test_the_first_name_runs_the_package_once_for_all_threads(package: ModuleType) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(package.value)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [42] * 4
    assert type(package) is ModuleType
    assert package.__all__ == ["value"]


def test_a_name_that_there_is_not_is_no_name_of_the_package(package: ModuleType) -> None:
    with pytest.raises(AttributeError):
        _ = package.nothing
    with pytest.raises(ImportError):
        exec("from part_of_it import nothing_either")


def test_langgraph_is_imported_without_the_clients_that_it_never_calls() -> None:
    code = (
        "import sys\n"
        "from geoagent_graph.deferred_imports import defer_packages\n"
        "defer_packages(); defer_packages()\n"
        "import langgraph.graph\n"
        "assert 'httpx' not in sys.modules\n"
        "from langgraph_sdk import get_client\n"
        "from langsmith.types import RunSelectField\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
