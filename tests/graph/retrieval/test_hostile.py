"""An index whose files ask for code executes none, even where its manifest vouches for them."""

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_format import MANIFEST_NAME, REFERENCES_NAME, VECTORS_NAME
from geoagent_graph.testing import MeanColourEncoder
from tests.graph.retrieval.test_index_folder import ENCODER, save


class Touch:
    """Makes a file where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self._mark,)


@pytest.mark.parametrize("name", [VECTORS_NAME, REFERENCES_NAME])
@pytest.mark.parametrize("keep", [0, 4, 16])
def test_a_pickle_with_the_right_digest_executes_nothing(
    tmp_path: Path, name: str, keep: int
) -> None:
    folder, mark = tmp_path / "index", tmp_path / "owned"
    save(folder, 5)
    path, manifest = folder / name, folder / MANIFEST_NAME
    path.write_bytes(path.read_bytes()[:keep] + pickle.dumps(Touch(mark)))
    content = path.read_bytes()
    told = json.loads(manifest.read_text())
    told["files"][name] = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
    }
    manifest.write_text(json.dumps(told))
    with pytest.raises(ReferenceIndexError):
        FaissRetriever.load(folder, MeanColourEncoder(ENCODER))
    assert not mark.exists()


def test_a_manifest_that_names_code_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    save(folder, 5)
    manifest = folder / MANIFEST_NAME
    told = json.loads(manifest.read_text())
    for extra in ({"__reduce__": ["os.system", "x"]}, {"lc": 1, "type": "constructor"}):
        manifest.write_text(json.dumps({**told, **extra}))
        with pytest.raises(ReferenceIndexError):
            FaissRetriever.load(folder, MeanColourEncoder(ENCODER))
