"""An index from shards, parts of shards and new photos: what add, remove, merge and slice share.

A shard of which every photo stays is kept as it lies. Small shards that have become many are
joined: after every change a shard has more than twice the photos of the one after it, so that there
are few of them, and a photo is written anew about as often as the index doubles. Shards that would
hold `MAX_JOINED_VECTORS` together are left alone.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.retrieval.index_folder import IndexParts
from geoagent_graph.retrieval.open_shard import Shard, open_shard
from geoagent_graph.retrieval.place_vectors import PlaceVectors
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.region_order import region_order
from geoagent_graph.retrieval.shard_folder import CodedCut, Piece
from geoagent_graph.retrieval.vector_index import (
    MIN_IVF_VECTORS,
    grow_index,
    make_index,
    stored_vectors,
)

MAX_JOINED_VECTORS: Final = MIN_IVF_VECTORS
JOINED_KINDS: Final = ("IndexFlat", "IndexScalarQuantizer", "IndexIVFScalarQuantizer")


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """A shard, and which of its photos stay: shape [count]."""

    shard: Shard
    kept: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """How many stay."""
        return int(self.kept.sum())


@dataclass(frozen=True, slots=True, eq=False)
class NewPhotos:
    """Photos that an index does not have: rows, unit vectors [rows, dimension], keypoints."""

    encoder_id: str
    rows: list[ReferenceRow]
    vectors: NDArray[np.float32]
    keypoints: Callable[[ReferenceRow], bytes] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Assembly:
    """The shards of the index to be written.

    `old_numbers` says where each photo of the selections is in it, -1 where it is not, and
    `new_numbers` where each new photo is.
    """

    pieces: list[Piece]
    old_numbers: NDArray[np.int64]
    new_numbers: NDArray[np.int64]

    def rows(self) -> Sequence[ReferenceRow]:
        """Return all rows in their order."""
        return _PieceRows(self.pieces)

    def vectors(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of some rows as they are stored, shape [rows, dimension]."""
        found = np.empty((len(numbers), self.dimension), np.float32)
        start = 0
        for piece in self.pieces:
            stop = start + _piece_count(piece)
            here = np.flatnonzero((numbers >= start) & (numbers < stop))
            if len(here):
                found[here] = _piece_vectors(piece, numbers[here] - start)
            start = stop
        return found

    @property
    def dimension(self) -> int:
        """How long its vectors are."""
        piece = self.pieces[0]
        if isinstance(piece, IndexParts):
            return int(piece.index.d)
        return (piece.shard if isinstance(piece, CodedCut) else piece).manifest.dimension

    def move_places(self, places: PlaceVectors | None) -> PlaceVectors | None:
        """Return the vectors of places of the selections as of the new index."""
        if places is None:
            return None
        moved = self.old_numbers[places.rows]
        there = np.flatnonzero(moved >= 0)
        if not len(there):
            return None
        order = there[np.argsort(moved[there])]
        return PlaceVectors(places.encoder_id, moved[order], places.vectors[order])


def assemble(selections: Sequence[Selection], new: NewPhotos | None = None) -> Assembly:
    """Return the index that holds what stays of some shards, and new photos.

    Nothing is written yet; the keypoints are read when it is.

    Raises:
        ReferenceIndexError: a shard that has to be joined is damaged.
    """
    sizes = [_size_of(selection) for selection in selections]
    if new is not None:
        sizes.append((len(new.rows), True))
    old_numbers = [np.full(len(selection.kept), -1, np.int64) for selection in selections]
    new_numbers = np.empty(0, np.int64)
    pieces: list[Piece] = []
    placed = 0
    for group in group_shards(sizes):
        held = [selections[i] for i in group if i < len(selections)]
        more = new if len(selections) in group else None
        if len(held) == 1 and more is None:
            piece, inside = _keep(held[0])
        else:
            piece, inside = _join(held, more)
        pieces.append(piece)
        moved = np.where(inside < 0, -1, inside + placed)
        placed += int(np.sum(inside >= 0))
        for i in group:
            if i == len(selections):
                new_numbers = moved
            else:
                old_numbers[i], moved = np.split(moved, [len(selections[i].kept)])
    return Assembly(pieces, np.concatenate([*old_numbers, np.empty(0, np.int64)]), new_numbers)


def group_shards(sizes: Sequence[tuple[int, bool]]) -> list[list[int]]:
    """Return which shards are joined, in order, from (photos, whether it may be) of each.

    Empty ones are in no group.
    """
    groups: list[tuple[list[int], int, bool]] = []
    for number, (size, may_join) in enumerate(sizes):
        if not size:
            continue
        groups.append(([number], size, may_join))
        while len(groups) > 1 and _should_join(groups[-2], groups[-1]):
            second, first = groups.pop(), groups.pop()
            groups.append((first[0] + second[0], first[1] + second[1], True))
    return [group for group, _, _ in groups]


def _should_join(first: tuple[list[int], int, bool], second: tuple[list[int], int, bool]) -> bool:
    small = first[1] + second[1] < MAX_JOINED_VECTORS
    return first[2] and second[2] and small and first[1] <= 2 * second[1]


def _size_of(selection: Selection) -> tuple[int, bool]:
    return selection.count, selection.shard.manifest.index_kind in JOINED_KINDS


def _keep(selection: Selection) -> tuple[Piece, NDArray[np.int64]]:
    """Return a shard, or what stays of it, and the number in that of each of its photos."""
    if selection.kept.all():
        return selection.shard, np.arange(len(selection.kept))
    if selection.shard.manifest.index_kind not in JOINED_KINDS:
        numbers = np.where(selection.kept, np.cumsum(selection.kept) - 1, -1)
        opened = _open_vectors(selection.shard)
        return CodedCut(opened, np.flatnonzero(selection.kept)), numbers
    return _join([selection], None)


def _join(held: Sequence[Selection], new: NewPhotos | None) -> tuple[IndexParts, NDArray[np.int64]]:
    """Return one shard of all, and the number in it of every old photo, -1 where it goes, and new.

    The codes of the largest are copied; the vectors of the others are taken as they are stored.
    """
    rows = [row for selection in held for row in _rows_of(selection)]
    kept = [selection.kept for selection in held]
    if new is not None:
        rows += new.rows
        kept.append(np.ones(len(new.rows), np.bool_))
    order = np.array(region_order(rows), np.int64)
    numbers = np.full(sum(map(len, kept)), -1, np.int64)
    numbers[np.flatnonzero(np.concatenate(kept))[order]] = np.arange(len(rows))
    parts = IndexParts(
        new.encoder_id if new is not None else held[0].shard.manifest.encoder_id,
        _join_vectors(held, new, numbers),
        [rows[i] for i in order.tolist()],
        keypoints=_join_keypoints(held, new, rows, order),
    )
    return parts, numbers


def _join_vectors(
    held: Sequence[Selection], new: NewPhotos | None, numbers: NDArray[np.int64]
) -> Any:
    if not held:
        assert new is not None
        return make_index(new.vectors, np.argsort(numbers))
    places = np.split(numbers, np.cumsum([len(selection.kept) for selection in held]))
    largest = max(range(len(held)), key=lambda i: held[i].count)
    more = [new.vectors] if new is not None else []
    positions = [places[-1]]
    for i, selection in enumerate(held):
        if i != largest:
            stays = np.flatnonzero(selection.kept)
            more.append(stored_vectors(_vectors_of(selection.shard), stays))
            positions.append(places[i][stays])
    nothing = np.empty((0, held[0].shard.manifest.dimension), np.float32)
    return grow_index(
        _vectors_of(held[largest].shard),
        places[largest],
        np.ascontiguousarray(np.concatenate([*more, nothing])),
        np.concatenate(positions),
    )


def _join_keypoints(
    held: Sequence[Selection],
    new: NewPhotos | None,
    rows: Sequence[ReferenceRow],
    order: NDArray[np.int64],
) -> Iterator[bytes] | None:
    """Return what yields the records in their order, where all have some; it is read once."""
    readers: list[Callable[[], bytes]] = []
    for selection in held:
        file = selection.shard.keypoints
        if file is None:
            return None
        readers += [
            partial(file.read_record, row) for row in np.flatnonzero(selection.kept).tolist()
        ]
    if new is not None:
        if new.keypoints is None:
            return None
        readers += [partial(new.keypoints, row) for row in rows[len(readers) :]]
    return (readers[number]() for number in order.tolist())


def _rows_of(selection: Selection) -> list[ReferenceRow]:
    rows = selection.shard.table.rows()
    return [rows[row] for row in np.flatnonzero(selection.kept).tolist()]


def _vectors_of(shard: Shard) -> Any:
    return _open_vectors(shard).vectors


def _open_vectors(shard: Shard) -> Shard:
    """Return a shard with its vectors, opened now where it was opened for its rows alone."""
    return shard if shard.vectors is not None else open_shard(shard.folder, shard.manifest)


def _piece_vectors(piece: Piece, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    if isinstance(piece, IndexParts):
        return stored_vectors(piece.index, rows)
    if isinstance(piece, CodedCut):
        return stored_vectors(piece.shard.vectors, piece.rows[rows])
    return stored_vectors(_vectors_of(piece), rows)


class _PieceRows(Sequence[ReferenceRow]):
    """The rows of shards and of parts, numbered through; texts are made when they are asked for."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._starts = np.cumsum([0, *map(_piece_count, pieces)]).tolist()

    def __len__(self) -> int:
        return int(self._starts[-1])

    @overload
    def __getitem__(self, index: int) -> ReferenceRow: ...

    @overload
    def __getitem__(self, index: slice) -> list[ReferenceRow]: ...

    def __getitem__(self, index: int | slice) -> ReferenceRow | list[ReferenceRow]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = bisect_right(self._starts, index) - 1
        piece, inside = self._pieces[number], int(index - self._starts[number])
        if isinstance(piece, IndexParts):
            return piece.rows[inside]
        if isinstance(piece, CodedCut):
            return piece.shard.table.row(int(piece.rows[inside]))
        return piece.table.row(inside)


def _piece_count(piece: Piece) -> int:
    return len(piece) if isinstance(piece, Shard) else len(piece.rows)
