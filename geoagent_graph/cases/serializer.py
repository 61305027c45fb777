"""Checkpoints as plain values: what a stored row may turn into, and nothing else."""

from collections.abc import Iterable
from typing import Any

import ormsgpack
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Interrupt, Send

from geoagent_graph.errors import CheckpointError

_KINDS = frozenset({"null", "msgpack"})


class _Refused(ValueError):
    """An extension that is neither of the two messages."""


class PlainSerializer(JsonPlusSerializer):
    """LangGraph's msgpack serializer, limited to plain values and its own two messages.

    Whatever else a row asks for (a constructor, a JSON envelope, a pickle) is refused before
    anything is imported or called, whether or not the process runs in LangGraph's strict mode.
    """

    def __init__(self, case: str) -> None:
        super().__init__(allowed_msgpack_modules=None, __unpack_ext_hook__=_decode_message)
        self._case = case

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Return the value of a stored row.

        Raises:
            CheckpointError: it is damaged, or asks for more than plain values.
        """
        if data[0] not in _KINDS:
            raise CheckpointError(f"{self._case}: holds a row of a foreign kind; it is not read")
        try:
            return super().loads_typed(data)
        except (_Refused, ormsgpack.MsgpackDecodeError, TypeError, RecursionError) as error:
            raise CheckpointError(
                f"{self._case}: holds a row that is damaged or asks for code; it is not read"
            ) from error

    def with_msgpack_allowlist(
        self, extra_allowlist: Iterable[tuple[str, ...] | type]
    ) -> JsonPlusSerializer:
        """Return itself: the list does not grow."""
        del extra_allowlist
        return self


def _decode_message(code: int, data: bytes) -> Send | Interrupt:
    """Return what an extension in a row stands for, one of two messages of LangGraph."""
    del code
    match ormsgpack.unpackb(data, ext_hook=_decode_message):
        case ["langgraph.types", "Send", [str(node), argument]]:
            return Send(node, argument)
        case ["langgraph.types", "Interrupt", {"value": value, "id": str(identity)}]:
            return Interrupt(value=value, id=identity)
    raise _Refused
