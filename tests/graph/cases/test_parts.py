"""Large values are stored once, come back as they were, and a crafted reference unfolds nothing."""

from typing import Any

import ormsgpack
import pytest
from langgraph.types import Send

from geoagent_graph.cases.parts import (
    CHUNK_ITEMS,
    LIST_CODE,
    MAX_VALUE_BYTES,
    MIN_PART_BYTES,
    PART_CODE,
    digest_of_bytes,
)
from geoagent_graph.cases.serializer import PlainSerializer
from geoagent_graph.errors import CheckpointError

LARGE = "x" * MIN_PART_BYTES


def step(index: int) -> dict[str, Any]:
    return {"index": index, "detail": LARGE}


@pytest.mark.parametrize("count", [0, 1, CHUNK_ITEMS, CHUNK_ITEMS + 1, 5 * CHUNK_ITEMS])
def test_what_is_packed_comes_back(count: int) -> None:
    serializer = PlainSerializer("one")
    steps = [step(index) for index in range(count)]
    state: dict[str, Any] = {
        "steps": steps,
        "answer": {"trace": steps, "note": LARGE},
        "small": [1, None, "é"],
    }
    state["tasks"] = [Send("score", {"clues": steps})]
    kind, row = serializer.dumps_typed({"channel_values": state})
    assert serializer.loads_typed((kind, row)) == {"channel_values": state}


def test_a_state_that_grows_by_a_step_stores_that_step_alone() -> None:
    serializer = PlainSerializer("one")
    parts = serializer.parts
    sizes = []
    for count in range(1, 200):
        steps = [step(index) for index in range(count)]
        _, row = serializer.dumps_typed({"steps": steps, "answer": {"trace": steps}})
        sizes.append(len(row) + sum(map(len, parts.unstored.values())))
        parts.note_stored(list(parts.unstored))
    assert max(sizes[20:]) < 4 * MIN_PART_BYTES
    assert len(parts.unstored) == 0


def test_what_was_read_is_the_readers_own() -> None:
    serializer = PlainSerializer("one")
    row = serializer.dumps_typed({"steps": [step(0)]})
    read = serializer.loads_typed(row)
    read["steps"][0]["index"] = 7
    assert serializer.loads_typed(row) == {"steps": [step(0)]}
    assert serializer.loads_shared(row)["steps"][0] is serializer.loads_shared(row)["steps"][0]


def test_a_part_that_is_missing_or_was_changed_is_not_read() -> None:
    serializer = PlainSerializer("one")
    row = serializer.dumps_typed({"a": LARGE})
    (digest,) = serializer.parts.unstored
    for rows in ([], [(digest, b"\xa1x")]):
        other = PlainSerializer("one")
        other.parts.load(rows)
        with pytest.raises(CheckpointError, match="one: holds a row that is damaged"):
            other.loads_typed(row)


def test_every_flipped_bit_of_a_row_is_found() -> None:
    serializer = PlainSerializer("one")
    kind, row = serializer.dumps_typed({"level": "city", "scores": [0.1, 0.2]})
    for bit in range(8 * len(row)):
        flipped = bytearray(row)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CheckpointError):
            serializer.loads_typed((kind, bytes(flipped)))


def test_references_that_unfold_without_end_are_refused() -> None:
    serializer = PlainSerializer("one")
    content = ormsgpack.packb(["y" * 1000] * CHUNK_ITEMS)
    for _ in range(10):  # 16 times as large each time: 16 kB, 256 kB, ... 1 TB
        digest = digest_of_bytes(content)
        serializer.parts.load([(digest, content)])
        content = ormsgpack.packb([ormsgpack.Ext(PART_CODE, digest)] * CHUNK_ITEMS)
    assert MAX_VALUE_BYTES < 16**10 * 1000
    with pytest.raises(CheckpointError):
        serializer.loads_typed(("msgpack", content))


@pytest.mark.parametrize(
    "data", [b"", b"\x93", ormsgpack.packb([1, 2]), ormsgpack.packb([["a"], 3])]
)
@pytest.mark.parametrize("code", [PART_CODE, LIST_CODE])
def test_a_crafted_reference_is_refused(code: int, data: bytes) -> None:
    row = ormsgpack.packb({"a": ormsgpack.Ext(code, data)})
    with pytest.raises(CheckpointError):
        PlainSerializer("one").loads_typed(("msgpack", row))
