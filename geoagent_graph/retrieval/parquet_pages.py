"""How large the pages of a Parquet file are, read from their own headers before one is unpacked.

The sizes in a file's footer are claims: what a reader allocates is what the header of each page
says. Headers are structs in Thrift's compact protocol, see `parquet.thrift` of Apache Parquet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

if TYPE_CHECKING:
    import pyarrow.parquet as pq

MAX_HEADER_BYTES: Final = 160_000  # the least and the greatest text of a page stand in it, twice
MAX_DEPTH: Final = 4
# field numbers of parquet.thrift: PageHeader, and the structs in it that say an encoding
UNPACKED_BYTES, PACKED_BYTES = 2, 3
DATA_PAGE, DICTIONARY_PAGE, DATA_PAGE_V2 = 5, 7, 8
COUNT: Final = 1
ENCODING: Final = {DATA_PAGE: 2, DICTIONARY_PAGE: 2, DATA_PAGE_V2: 4}
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)
_DOUBLE_BYTES: Final = 8


class BadPage(ValueError):
    """A page whose header is none, or that leaves its column."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its size unpacked, its number of values, and how they are encoded."""

    unpacked_bytes: int
    values: int
    encoding: int
    is_dictionary: bool


def read_pages(file: BinaryIO, column: "pq.ColumnChunkMetaData") -> Iterator[Page]:
    """Yield the pages of a column of a row group; only their headers are read.

    Raises:
        BadPage: a header is damaged, or a page leaves the column.
    """
    position = column.data_page_offset
    if column.has_dictionary_page and 0 < column.dictionary_page_offset < position:
        position = column.dictionary_page_offset
    end = position + column.total_compressed_size
    while position < end:
        file.seek(position)
        header, length = _parse_header(file.read(min(MAX_HEADER_BYTES, end - position)))
        page, packed_bytes = _page_of(header)
        position += length + packed_bytes
        if position > end:
            raise BadPage
        yield page


def _parse_header(data: bytes) -> tuple[dict[int, Any], int]:
    parser = _CompactStruct(data)
    try:
        return parser.read_struct(0), parser.position
    except IndexError as error:
        raise BadPage from error


def _page_of(header: dict[int, Any]) -> tuple[Page, int]:
    sizes = [header.get(UNPACKED_BYTES), header.get(PACKED_BYTES)]
    kind = next((kind for kind in ENCODING if isinstance(header.get(kind), dict)), None)
    if kind is None:
        raise BadPage
    said = header[kind]
    numbers = [*sizes, said.get(COUNT), said.get(ENCODING[kind])]
    if any(not isinstance(number, int) or number < 0 for number in numbers):
        raise BadPage
    unpacked, packed, values, encoding = numbers
    return Page(unpacked, values, encoding, kind == DICTIONARY_PAGE), packed


class _CompactStruct:
    """Reads a struct as numbers and structs by the numbers of their fields; other values are None.

    Past the end of the data an IndexError is raised.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def read_struct(self, depth: int) -> dict[int, Any]:
        if depth > MAX_DEPTH:
            raise BadPage
        fields: dict[int, Any] = {}
        number = 0
        while (head := self._next_byte()) & 0x0F != _STOP:
            step = head >> 4
            number = number + step if step else self._read_integer()
            fields[number] = self._read_value(head & 0x0F, depth, in_list=False)
        return fields

    def _read_value(self, kind: int, depth: int, *, in_list: bool) -> Any:
        if kind in (_TRUE, _FALSE, _BYTE):
            if kind == _BYTE or in_list:
                self._skip_bytes(1)
            return None
        if kind in _INTEGERS:
            return self._read_integer()
        if kind == _STRUCT:
            return self.read_struct(depth + 1)
        if kind in (_LIST, _SET):
            return self._skip_list(depth)
        if kind not in (_DOUBLE, _BINARY):
            raise BadPage  # no map stands in a page's header
        self._skip_bytes(_DOUBLE_BYTES if kind == _DOUBLE else self._read_number())
        return None

    def _skip_list(self, depth: int) -> None:
        head = self._next_byte()
        size = self._read_number() if head >> 4 == 0x0F else head >> 4
        for _ in range(size):
            self._read_value(head & 0x0F, depth + 1, in_list=True)

    def _read_integer(self) -> int:
        folded = self._read_number()
        return (folded >> 1) ^ -(folded & 1)

    def _read_number(self) -> int:
        number = shift = 0
        while True:
            byte = self._next_byte()
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number
            if shift > 63:
                raise BadPage

    def _next_byte(self) -> int:
        self.position += 1
        return self._data[self.position - 1]

    def _skip_bytes(self, count: int) -> None:
        self.position += count
        if self.position > len(self._data):
            raise BadPage
