"""Large values of a case's states, each stored once under its digest.

A state repeats nearly all of the one before. Stored as it is, a case grows with the square of its
steps; so what is large in a state is written apart, and the state refers to it: a value by one
digest, a long list by the digests of its chunks. A digest is also a checksum: a part that was
changed is not read.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import ormsgpack
from langgraph.types import Send

MIN_PART_BYTES: Final = 512
CHUNK_ITEMS: Final = 16
DIGEST_BYTES: Final = 16
MAX_VALUE_BYTES: Final = 512 << 20
"""Largest value that references may unfold to; a crafted file could unfold without end."""
MAX_DEPTH: Final = 3
"""A state, the values of its channels, and what stands in those: deeper is stored as it is."""
PART_CODE: Final = 40
LIST_CODE: Final = 41


class DamagedPart(ValueError):
    """A part that is missing, changed, or unfolds to more than any state holds."""


def digest_of_bytes(content: bytes) -> bytes:
    """Return the 16 bytes that a part is stored under."""
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()


@dataclass(frozen=True, slots=True)
class _Value:
    """A decoded part, and how many bytes it and all it refers to take unfolded."""

    value: Any
    unfolded_bytes: int


class Parts:
    """The parts of one case in memory; `unstored` are those that are not in its file yet."""

    def __init__(self, encode: Callable[[Any], bytes], decode: Callable[[bytes], Any]) -> None:
        """Take what turns a value into bytes and back; `decode` hands references to `resolve`."""
        self._encode = encode
        self._decode = decode
        self._contents: dict[bytes, bytes] = {}
        self._values: dict[bytes, _Value] = {}
        self._unfolded_bytes = 0  # of what is being decoded
        self._shares = False
        self.unstored: dict[bytes, bytes] = {}

    def load(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Take the parts that are in the file."""
        self._contents.update(rows)

    def note_stored(self, digests: Iterable[bytes]) -> None:
        """Take it that parts are in the file now."""
        for digest in digests:
            self._contents[digest] = self.unstored.pop(digest)

    def pack(self, value: Any, depth: int = 0) -> Any:
        """Return a value with what is large in it replaced by references; see `unstored`."""
        if isinstance(value, list):
            items = [self._pack_whole(self._pack_send(item)) for item in value]
            return self._pack_whole(self._pack_list(items))
        if isinstance(value, dict) and depth < MAX_DEPTH:
            packed = {key: self.pack(inner, depth + 1) for key, inner in value.items()}
            return self._pack_whole(packed)
        return self._pack_whole(self._pack_send(value))

    def _pack_send(self, value: Any) -> Any:
        """Return a message to a task with its argument packed: it repeats much of the state."""
        return Send(value.node, self.pack(value.arg, 1)) if isinstance(value, Send) else value

    def resolve(self, code: int, data: bytes) -> Any:
        """Return what a reference stands for.

        Raises:
            DamagedPart: it refers to nothing, to something changed, or to too much.
        """
        if code == PART_CODE:
            return self._value_of(data)
        chunks, items = self._decode(data)
        whole: list[Any] = []
        for digest in chunks:
            whole.extend(self._value_of(digest))
        return whole + items

    def _pack_whole(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        content = self._encode(value)
        if len(content) < MIN_PART_BYTES:
            return value
        return ormsgpack.Ext(PART_CODE, self._add(content))

    def _pack_list(self, items: list[Any]) -> Any:
        if len(items) <= CHUNK_ITEMS:
            return items
        cut = len(items) - len(items) % CHUNK_ITEMS
        chunks = [
            self._add(self._encode(items[start : start + CHUNK_ITEMS]))
            for start in range(0, cut, CHUNK_ITEMS)
        ]
        return ormsgpack.Ext(LIST_CODE, self._encode([chunks, items[cut:]]))

    def _add(self, content: bytes) -> bytes:
        digest = digest_of_bytes(content)
        if digest not in self._contents:
            self.unstored[digest] = content
        return digest

    def _value_of(self, digest: bytes) -> Any:
        found = self._values.get(digest) if self._shares else None
        if found is None:
            content = self._content_of(digest)
            before, self._unfolded_bytes = self._unfolded_bytes, len(content)
            value = self._decode(content)
            found = _Value(value, self._unfolded_bytes)
            self._unfolded_bytes = before
            if self._shares:
                self._values[digest] = found
        self._unfolded_bytes += found.unfolded_bytes
        if self._unfolded_bytes > MAX_VALUE_BYTES:
            raise DamagedPart
        return found.value

    def _content_of(self, digest: bytes) -> bytes:
        content = self._contents.get(digest)
        content = self.unstored.get(digest) if content is None else content
        if content is None or digest_of_bytes(content) != digest:
            raise DamagedPart
        return content

    def begin_value(self, *, shared: bool) -> None:
        """Count anew what the next value unfolds to.

        Args:
            shared: its parts are decoded once for all values that are read so; nobody changes them.
        """
        self._unfolded_bytes = 0
        self._shares = shared
