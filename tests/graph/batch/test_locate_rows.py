"""The pure function of a batch: rows of photos in, rows of answers out."""

import asyncio
import gc
import io
import json
import pickle
import weakref
from pathlib import Path

import pyarrow as pa
import pytest
from PIL import Image

from geoagent_graph import locate_batch
from geoagent_graph.batch import BatchOptions
from geoagent_graph.errors import InputError
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.protocols import OpenedPhoto
from geoagent_graph.settings import Settings
from geoagent_graph.testing import ScriptedPolicy
from tests.support.batches import SmallPhotos, make_photos, use_tools


def _batch(**columns: list[object]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(columns)


def test_a_row_goes_in_and_its_answer_comes_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_tools(monkeypatch)
    folder = make_photos(tmp_path, 2)
    names: list[object] = [str(folder / "0001.jpg"), "no/such.jpg", str(folder / "0000.jpg")]
    rows = locate_batch(_batch(photo=names)).to_pylist()
    assert [row["photo"] for row in rows] == names
    assert [row["city"] for row in rows] == ["Lisbon", None, "Lisbon"]
    assert [row["error_kind"] for row in rows] == [None, "Unexpected", None]
    assert json.loads(rows[0]["answer"])["place"]["city"] == "Lisbon"
    assert rows[0]["geometry"][:5] == b"\x01\x01\x00\x00\x00"


def test_bytes_stand_for_the_file_and_rows_without_any_say_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_tools(monkeypatch)
    batch = _batch(
        photo=["a", "b", "c"], bytes=[b"good", b"bad", None], problem=[None, None, "is not there"]
    )
    rows = locate_batch(batch).to_pylist()
    assert [row["error"] for row in rows] == [None, "b: not a photo", "c: is not there"]
    assert [row["error_kind"] for row in rows] == [None, "PhotoError", "PhotoError"]


@pytest.mark.parametrize("photo", [None, 5, {"bytes": b"good", "path": "a.jpg"}])
def test_what_is_no_name_of_a_photo_is_said(monkeypatch: pytest.MonkeyPatch, photo: object) -> None:
    use_tools(monkeypatch)
    [row] = locate_batch(_batch(photo=[photo])).to_pylist()
    assert row["error_kind"] == "PhotoError"
    assert "has no path, URL or name" in row["error"]
    [row] = locate_batch(_batch(photo=[photo], bytes=[b"good"])).to_pylist()
    assert row["city"] == "Lisbon"


def test_a_column_of_places_is_not_where_the_file_lies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_tools(monkeypatch)
    name = str(make_photos(tmp_path, 1) / "0000.jpg")
    [row] = locate_batch(_batch(photo=[name], location=[{"lat": 1.0, "lon": 2.0}])).to_pylist()
    assert row["city"] == "Lisbon"


def test_the_same_rows_give_the_same_answers_in_an_event_loop_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_tools(monkeypatch)
    batch = _batch(photo=["a", "b"], bytes=[b"good", b"good 2"])

    async def locate() -> pa.RecordBatch:
        return locate_batch(batch)

    alone, inside = locate_batch(batch), asyncio.run(locate())
    assert _untimed(alone) == _untimed(inside)


def test_a_photo_is_forgotten_once_it_is_located(monkeypatch: pytest.MonkeyPatch) -> None:
    stores: list[PhotoStore] = []

    class Counted(PhotoStore):
        def empty_copy(self) -> PhotoStore:
            stores.append(super().empty_copy())
            return stores[-1]

    policy = ScriptedPolicy.towards_lisbon()
    use_tools(monkeypatch, images=Counted(Settings()), policy=policy)
    photo = io.BytesIO()
    Image.new("RGB", (64, 48), "gray").save(photo, "PNG")
    rows = locate_batch(_batch(photo=["a", "b"], bytes=[photo.getvalue()] * 2)).to_pylist()
    assert [row["error"] for row in rows] == [None, None]
    assert len(stores) == 2
    held = [weakref.ref(store) for store in stores]
    stores.clear()
    policy.seen.clear()
    gc.collect()
    assert [store() for store in held] == [None, None]


def _untimed(batch: pa.RecordBatch) -> list[dict[str, object]]:
    left_out = ("seconds", "answer")
    return [{k: v for k, v in row.items() if k not in left_out} for row in batch.to_pylist()]


def test_a_fault_of_ours_is_counted_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(SmallPhotos):
        def open(self, source: Path | bytes, name: str | None = None) -> OpenedPhoto:
            if name == "a":
                raise ZeroDivisionError("of ours")
            return super().open(source, name)

    use_tools(monkeypatch, images=Broken())
    rows = locate_batch(_batch(photo=["a", "b"], bytes=[b"good", b"good 2"])).to_pylist()
    assert [row["error"] for row in rows] == ["ZeroDivisionError: of ours", None]
    assert rows[0]["error_kind"] == "Unexpected"


def test_a_batch_without_photos_is_refused() -> None:
    with pytest.raises(InputError, match="no column `photo`"):
        locate_batch(_batch(name=["a"]))


def test_options_reach_other_processes_without_the_key() -> None:
    options = BatchOptions(PolicyOptions(policy="served", base_url="http://127.0.0.1:1/v1"))
    assert pickle.loads(pickle.dumps(options)) == options
    assert hash(options) == hash(pickle.loads(pickle.dumps(options)))
    assert options.policy.api_key == "none"
