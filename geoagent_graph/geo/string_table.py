"""A sorted table of unique strings in one block of bytes: small, mapped, searched by bisection."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray


class StringTable:
    """Strings in code-point order (the order of their UTF-8 bytes), each under its index."""

    def __init__(self, blob: NDArray[np.uint8], starts: NDArray[np.uint32]) -> None:
        # memoryviews (.data): reading one item from them costs a third of what numpy asks
        self._blob = blob.data
        self._starts = starts.data

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int) -> str:
        return self.bytes_at(index).decode()

    def bytes_at(self, index: int) -> bytes:
        """Return the string under an index as UTF-8."""
        return self._blob[self._starts[index] : self._starts[index + 1]].tobytes()

    def find(self, text: str) -> int:
        """Return the index of a string, or -1."""
        wanted = text.encode()
        index = bisect_left(_Encoded(self), wanted)
        return index if index < len(self) and self.bytes_at(index) == wanted else -1

    def prefix_range(self, prefix: str) -> tuple[int, int]:
        """Return (first, end) of the strings that start with `prefix`, which is not empty."""
        wanted = prefix.encode()
        view = _Encoded(self)
        # no UTF-8 text contains 0xFF, so this sorts behind every string with the prefix
        return bisect_left(view, wanted), bisect_left(view, wanted + b"\xff")

    def suffix_range(self, suffix: str, from_behind: NDArray[np.int32]) -> tuple[int, int]:
        """Return (first, end) in `from_behind` of the strings that end with `suffix`.

        `from_behind` holds the indices in the order of the strings read backwards.
        """
        view = _Backwards(self, from_behind)
        wanted = suffix[::-1]
        # the last code point: sorts behind every string with the suffix
        return bisect_left(view, wanted), bisect_left(view, wanted + chr(0x10FFFF))


class _Encoded:
    """The table as a sequence of bytes, for bisection."""

    def __init__(self, table: StringTable) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, index: int) -> bytes:
        return self._table.bytes_at(index)


class _Backwards:
    """The strings read backwards, in that order, for bisection."""

    def __init__(self, table: StringTable, from_behind: NDArray[np.int32]) -> None:
        self._table = table
        self._order = from_behind

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, index: int) -> str:
        return self._table[self._order[index]][::-1]


def pack_strings(strings: Iterable[str]) -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Return (blob, starts) of strings in the order given."""
    encoded = [text.encode() for text in strings]
    starts = np.zeros(len(encoded) + 1, dtype=np.uint32)
    np.cumsum([len(item) for item in encoded], out=starts[1:])
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), starts


def pack_lists(strings: list[str], table: dict[str, list[int]]) -> dict[str, NDArray[Any]]:
    """Return `blob`, `starts` of sorted strings, and `list_starts`, `lists`: the ints of each."""
    blob, starts = pack_strings(strings)
    list_starts = np.zeros(len(strings) + 1, dtype=np.uint32)
    np.cumsum([len(table[text]) for text in strings], out=list_starts[1:])
    lists = np.fromiter((item for text in strings for item in table[text]), dtype=np.int32)
    return {"blob": blob, "starts": starts, "list_starts": list_starts, "lists": lists}
