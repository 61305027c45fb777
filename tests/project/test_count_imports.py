"""The script that counts import arrows: which imports it sees, and what it prints."""

from pathlib import Path

import pytest

from tools import count_imports

SOURCE = """
import os.path
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from geoagent_graph.types import Answer, Place
def later():
    from geoagent_graph.geo import sphere
    import importlib
    importlib.import_module("geoagent_graph.api")
    importlib.import_module(later)
"""


def test_lazy_and_typing_only_imports_are_seen(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(SOURCE)
    assert count_imports.imported_names(tmp_path / "module.py") == {
        "os.path",
        "typing.TYPE_CHECKING",
        "geoagent_graph.types.Answer",
        "geoagent_graph.types.Place",
        "geoagent_graph.geo.sphere",
        "importlib",
        "geoagent_graph.api",
    }


def test_relative_imports_keep_their_dots(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("from . import types\nfrom ..geo import sphere\n")
    names = count_imports.imported_names(tmp_path / "module.py")
    assert names == {"..types", "..geo.sphere"}


def test_relative_imports_are_refused_in_our_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "module.py").write_text("from . import types\n")
    monkeypatch.setattr(count_imports, "PACKAGES", {"ours": tmp_path})
    with pytest.raises(AssertionError, match="relative"):
        count_imports.module_edges()


def test_modules_are_found_behind_the_names_imported_from_them() -> None:
    edges = count_imports.module_edges()
    assert "geoagent_graph.geo.sphere" in edges["geoagent_graph.geo.geocoder"]
    assert "geoagent_graph.protocols" in edges["geoagent_graph.toolbox"]


def test_folders_are_those_of_the_agent_and_the_other_packages() -> None:
    assert count_imports.folder_of("geoagent_graph.cases.trip.trip_case") == "cases"
    assert count_imports.folder_of("geoagent_graph.types") == "types"
    assert count_imports.folder_of("geoagent_graph") == "geoagent_graph"
    assert count_imports.folder_of("geoagent_training.rewards.places") == "geoagent_training"


def test_arrows_join_different_folders() -> None:
    edges = {
        "geoagent_graph.geo.a": {"geoagent_graph.geo.b", "geoagent_graph.types"},
        "geoagent_graph.geo.b": {"geoagent_graph.types"},
        "geoagent_graph.types": set(),
    }
    assert count_imports.folder_arrows(edges) == {
        ("geo", "types"): {
            ("geoagent_graph.geo.a", "geoagent_graph.types"),
            ("geoagent_graph.geo.b", "geoagent_graph.types"),
        }
    }


def test_circles_are_found_however_far_around() -> None:
    edges = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"e"}}
    assert count_imports.import_circles(edges) == [["a", "b", "c"], ["e"]]


def test_the_arrows_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    count_imports.main([])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:3] == ["geo", "->", "types"] for line in lines)
    assert any(line.endswith("circles") for line in lines)
    count_imports.main(["toolbox"])
    assert "geoagent_graph.toolbox -> geoagent_graph.protocols" in capsys.readouterr().out
