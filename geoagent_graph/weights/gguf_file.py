"""GGUF files looked at from outside: magic, version, and a table of tensors that fits the file.

The fields are walked and never interpreted: a name, a template or a tokenizer in them is the
business of the server that loads the file. Layout after the GGUF specification, versions 2 and 3.
"""

import os
import struct
from pathlib import Path
from typing import Any, Final

from geoagent_graph.regular_files import open_regular

_MAX_FIELDS: Final = 100_000
_MAX_TENSORS: Final = 100_000
_MAX_STRING_BYTES: Final = 64_000_000
_MAX_ITEMS: Final = 4_000_000
# Type codes of the specification: bytes of a value; 8 is a string, 9 an array.
_VALUE_BYTES: Final = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING: Final = 8
_ARRAY: Final = 9


def check_gguf(path: Path) -> None:
    """Look at the head of a GGUF file.

    Raises:
        ValueError: it is none, damaged or cut off.
        OSError: it cannot be read.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        reader = _Reader(file, size)
        if reader.take(4) != b"GGUF":
            raise ValueError("it does not begin as a GGUF file")
        if reader.number("<I") not in (2, 3):
            raise ValueError("its version of GGUF is not known")
        tensors, fields = reader.number("<Q"), reader.number("<Q")
        if not 1 <= tensors <= _MAX_TENSORS or fields > _MAX_FIELDS:
            raise ValueError("it has an absurd number of tensors or fields")
        for _ in range(fields):
            reader.skip_string()
            reader.skip_value(reader.number("<I"))
        last = max(reader.tensor_offset() for _ in range(tensors))
        if reader.position + last >= size:
            raise ValueError("it is cut off: a tensor begins behind its end")


class _Reader:
    """Reads forwards in a file and never past its end."""

    def __init__(self, file: Any, size_bytes: int) -> None:
        self._file = file
        self._size_bytes = size_bytes
        self.position = 0

    def take(self, count: int) -> bytes:
        self._require(count)
        self.position += count
        data: bytes = self._file.read(count)
        return data

    def skip(self, count: int) -> None:
        self._require(count)
        self.position += count
        self._file.seek(self.position)

    def _require(self, count: int) -> None:
        if self.position + count > self._size_bytes:
            raise ValueError("it is cut off")

    def number(self, form: str) -> int:
        return int(struct.unpack(form, self.take(struct.calcsize(form)))[0])

    def skip_string(self) -> None:
        length = self.number("<Q")
        if length > _MAX_STRING_BYTES:
            raise ValueError("it has an absurdly long text")
        self.skip(length)

    def skip_value(self, kind: int) -> None:
        if kind == _STRING:
            self.skip_string()
        elif kind == _ARRAY:
            self._skip_array(self.number("<I"), self.number("<Q"))
        elif kind in _VALUE_BYTES:
            self.skip(_VALUE_BYTES[kind])
        else:
            raise ValueError("it has a field of an unknown kind")

    def _skip_array(self, kind: int, count: int) -> None:
        if count > _MAX_ITEMS:
            raise ValueError("it has an absurdly long list")
        if kind in _VALUE_BYTES:
            self.skip(_VALUE_BYTES[kind] * count)
        elif kind == _STRING:
            for _ in range(count):
                self.skip_string()
        else:
            raise ValueError("it has a list of an unknown kind")

    def tensor_offset(self) -> int:
        """Return where a tensor's data begin, counted from the end of the table."""
        self.skip_string()
        dimensions = self.number("<I")
        if dimensions > 8:
            raise ValueError("a tensor has too many dimensions")
        self.skip(8 * dimensions + 4)
        return self.number("<Q")
