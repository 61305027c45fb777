"""A retriever that somebody else wrote is asked for pixels alone, everywhere."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from mcp import Client
from numpy.typing import NDArray

from geoagent_graph import load_settings, locate, open_toolbox
from geoagent_graph.default_tools import open_retriever
from geoagent_graph.errors import InputError, ToolError
from geoagent_graph.images.allowed import AllowedFolders
from geoagent_graph.mcp_server.server import make_server
from geoagent_graph.mcp_server.service import Service
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_folder import IndexParts, lock_index, save_index
from geoagent_graph.retrieval.vector_index import make_index
from geoagent_graph.settings import Settings
from geoagent_graph.testing import FixedEvidence, MeanColourEncoder, scripted_toolbox
from geoagent_graph.types import Reference
from tests.graph.cases.test_environment import ROW
from tests.support.cases import photo_bytes
from tests.support.plugin_folder import install_plugin

PLUGIN = """
from geoagent_graph.types import Reference

class Lighthouses:
    def __init__(self, folder):
        self.folder = folder
    def identity(self):
        return {"encoder": "mean/1"}
    def search(self, pixels, k, country_codes=None):
        name = f"{pixels.shape[0]}x{pixels.shape[1]} of {self.folder.name}"
        return [Reference(id=name, score=0.5, lat_deg=38.7, lon_deg=-9.1, country_code="PT")][:k]

def open_lighthouses(settings, index):
    return Lighthouses(index)

def open_broken(settings, index):
    raise KeyError("no such lamp")

def open_half(settings, index):
    return object()
"""


class BlueRetriever:
    """Finds one place for a blue photo."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[int, ...], int, frozenset[str] | None]] = []

    def identity(self) -> Mapping[str, str]:
        return {}

    def search(
        self, pixels: NDArray[np.uint8], k: int, country_codes: frozenset[str] | None = None
    ) -> list[Reference]:
        self.asked.append((pixels.shape, k, country_codes))
        return [Reference(id="sea", score=0.9, lat_deg=38.7, lon_deg=-9.1, country_code="PT")]


async def test_in_the_library_without_any_encoder() -> None:
    retriever = BlueRetriever()
    answer = await locate(photo_bytes(), toolbox=scripted_toolbox(retriever=retriever))
    assert [reference.id for reference in answer.references] == ["sea"]
    assert [codes for _, _, codes in retriever.asked] == [None, {"PT", "ES"}, {"PT"}]
    assert {(shape, k) for shape, k, _ in retriever.asked} == {((48, 64, 3), 50)}


async def test_in_mcp(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(photo_bytes())
    service = Service(
        Settings(home=tmp_path / "home"),
        AllowedFolders([tmp_path]),
        lambda: scripted_toolbox(retriever=BlueRetriever(), evidence=FixedEvidence()),
    )
    async with Client(make_server(service)) as client:
        result = await client.call_tool("search_references", {"photo_path": "photo.png"})
    assert not result.is_error, result.content
    assert [found["id"] for found in result.structured_content["references"]] == ["sea"]


async def test_one_that_fails_is_a_warning() -> None:
    class Failing(BlueRetriever):
        def search(self, *given: object, **named: object) -> list[Reference]:
            raise ToolError("the lamp is out")

    answer = await locate(photo_bytes(), toolbox=scripted_toolbox(retriever=Failing()))
    assert answer.warnings == ("retriever failed, the answer goes without it: the lamp is out",)


def test_what_it_lacks_is_one_sentence() -> None:
    class Half:
        def find(self) -> None: ...

    with pytest.raises(InputError, match=r"the retriever Half has no search, identity: a `geoag"):
        scripted_toolbox(retriever=Half())


def test_an_index_without_its_encoder_says_which_it_needs(tmp_path: Path) -> None:
    vector = np.array([[1.0, 0.0, 0.0]], np.float32)
    with lock_index(tmp_path / "ix"):
        save_index(
            tmp_path / "ix", IndexParts("mean-colour/1", make_index(vector, np.arange(1)), [ROW])
        )
    pixels = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(InputError, match=r"without an encoder: load it with .*, mean-colour/1"):
        FaissRetriever.load(tmp_path / "ix", None).search(pixels, 1)
    found = FaissRetriever.load(tmp_path / "ix", MeanColourEncoder()).search(pixels, 1)
    assert [reference.id for reference in found] == ["a"]


def test_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the command line: docs/extending.md, which tests/project/test_extending.py follows."""
    names = ("lighthouses", "broken", "half")
    entries = {name: f"lighthouses:open_{name}" for name in names}
    entries["gone"] = "no_such_module:thing"
    install_plugin(tmp_path, "lighthouses", {"geoagent_graph.retrievers": entries}, PLUGIN)
    monkeypatch.syspath_prepend(str(tmp_path))
    settings, lamps = load_settings(), tmp_path / "lamps"
    found = open_retriever(settings, index=lamps, name="lighthouses")
    assert found is not None
    assert [item.id for item in found.search(np.zeros((48, 64, 3), dtype=np.uint8), 5)] == [
        "48x64 of lamps"
    ]
    for name, said in {
        "broken": "broken: the plug-in cannot be opened (KeyError: 'no such lamp')",
        "gone": "gone: the plug-in no_such_module:thing of lighthouses cannot be loaded",
        "none": "none: no such plug-in of geoagent_graph.retrievers; installed: broken, gone",
    }.items():
        with pytest.raises(InputError, match=re.escape(said)) as failed:
            open_retriever(settings, index=lamps, name=name)
        assert len(str(failed.value).splitlines()) == 1
    with pytest.raises(InputError, match="the retriever object has no search, identity"):
        open_toolbox(settings, index=lamps, retriever="half")
