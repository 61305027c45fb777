"""Checkpoints as plain values: what a stored row may turn into, and nothing else."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import ormsgpack
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Interrupt, Send

from geoagent_graph.cases.parts import (
    DIGEST_BYTES,
    LIST_CODE,
    PART_CODE,
    DamagedPart,
    Parts,
    digest_of_bytes,
)
from geoagent_graph.errors import CheckpointError

_CHECKED: Final = "msgpack+blake2b"
"""Kind of a row that begins with its checksum; rows of kind `msgpack` are of schema 2 and older."""
_KINDS = frozenset({"null", "msgpack", _CHECKED})


class _Refused(ValueError):
    """An extension that is none of ours, or a row that was changed."""


_UNREADABLE = (_Refused, DamagedPart, ormsgpack.MsgpackDecodeError, TypeError, RecursionError)


class PlainSerializer(JsonPlusSerializer):
    """LangGraph's msgpack serializer, limited to plain values and its own two messages.

    Whatever else a row asks for (a constructor, a JSON envelope, a pickle) is refused before
    anything is imported or called, whether or not the process runs in LangGraph's strict mode.
    A row begins with its checksum; what is large in it stands in `parts`.
    """

    def __init__(self, case: str) -> None:
        super().__init__(allowed_msgpack_modules=None, __unpack_ext_hook__=self._decode_extension)
        self._case = case
        self.parts = Parts(self._encode, self._decode)
        self._prepared: dict[int, tuple[str, bytes]] = {}

    @contextlib.contextmanager
    def prepare(self, values: Sequence[Any]) -> Iterator[None]:
        """Write values once, so that their parts can be stored before the rows are asked for."""
        rows = {id(value): self._row_of(value) for value in values}
        self._prepared.update(rows)
        try:
            yield
        finally:
            for identity in rows:
                self._prepared.pop(identity, None)

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Return a row's kind and bytes; parts that it refers to wait in `parts.unstored`."""
        return self._prepared.get(id(obj)) or self._row_of(obj)

    def _row_of(self, value: Any) -> tuple[str, bytes]:
        if value is None:
            return super().dumps_typed(value)
        content = self._encode(self.parts.pack(value))
        return _CHECKED, digest_of_bytes(content) + content

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Return the value of a stored row, which is the caller's own.

        Raises:
            CheckpointError: it is damaged, or asks for more than plain values.
        """
        return self._load(data, shared=False)

    def loads_shared(self, data: tuple[str, bytes]) -> Any:
        """Return what `loads_typed` does, to be read alone: values have parts in common."""
        return self._load(data, shared=True)

    def _load(self, data: tuple[str, bytes], *, shared: bool) -> Any:
        kind, content = data
        if kind not in _KINDS:
            raise CheckpointError(f"{self._case}: holds a row of a foreign kind; it is not read")
        self.parts.begin_value(shared=shared)
        try:
            if kind != _CHECKED:
                return super().loads_typed(data)
            return self._decode(_checked_content(content))
        except _UNREADABLE as error:
            raise CheckpointError(
                f"{self._case}: holds a row that is damaged or asks for code; it is not read"
            ) from error

    def with_msgpack_allowlist(
        self, extra_allowlist: Iterable[tuple[str, ...] | type]
    ) -> JsonPlusSerializer:
        """Return itself: the list does not grow."""
        del extra_allowlist
        return self

    def _encode(self, value: Any) -> bytes:
        kind, content = super().dumps_typed(value)
        if kind != "msgpack":
            raise TypeError(f"{kind}: a state holds plain values only")
        return content

    def _decode(self, content: bytes) -> Any:
        return super().loads_typed(("msgpack", content))

    def _decode_extension(self, code: int, data: bytes) -> Any:
        if code in (PART_CODE, LIST_CODE):
            return self.parts.resolve(code, data)
        return self._decode_message(data)

    def _decode_message(self, data: bytes) -> Send | Interrupt:
        """Return what an extension in a row stands for, one of two messages of LangGraph."""
        match ormsgpack.unpackb(data, ext_hook=self._decode_extension):
            case ["langgraph.types", "Send", [str(node), argument]]:
                return Send(node, argument)
            case ["langgraph.types", "Interrupt", {"value": value, "id": str(identity)}]:
                return Interrupt(value=value, id=identity)
        raise _Refused


def _checked_content(content: bytes) -> bytes:
    if digest_of_bytes(content[DIGEST_BYTES:]) != content[:DIGEST_BYTES]:
        raise _Refused
    return content[DIGEST_BYTES:]
