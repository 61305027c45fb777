"""Words for a value that does not fit: what was written, and what to write instead."""

import reprlib
import types
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from geoagent_training.nearest_name import did_you_mean

MAX_LISTED_NAMES: Final = 12
_SOME_NAMES: Final = 4
_SHORT: Final = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60
_SHORT.maxlevel = 2
_PLAIN: Final = {
    bool: "true or false",
    str: "a text",
    Path: "the name of a file or folder",
    dict: "a mapping of keys to values",
    list: "a list",
    Any: "a value",
    type(None): "null",
}
_NUMBERS: Final = {int: "a whole number", float: "a number"}


def short_value(value: Any) -> str:
    """Return a value as a person wrote it in YAML, cut where it is long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return _SHORT.repr(value)


def misfit_words(key: str, value: Any, hint: Any, metadata: Sequence[Any] = ()) -> str:
    """Return one sentence with the key, its value and what to write."""
    names = choice_names(hint)
    near = did_you_mean(value, names) if isinstance(value, str) else ""
    return f"{key} is {short_value(value)}: write {type_words(hint, metadata)}{near}"


def choice_names(hint: Any) -> list[str]:
    """Return the texts that a type of fixed choices takes, in a union too; none for others."""
    if get_origin(hint) is Literal:
        return [str(name) for name in get_args(hint)]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return [str(member.value) for member in hint]
    if get_origin(hint) in (Union, types.UnionType, Annotated):
        return [name for part in get_args(hint) for name in choice_names(part)]
    return []


def type_words(hint: Any, metadata: Sequence[Any] = ()) -> str:
    """Return what a type takes, with its bounds: "a whole number above 0"."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return type_words(parts[0], [*metadata, *parts[1:]])
    if origin in (Union, types.UnionType):
        return _alternatives(parts, metadata)
    if hint in _NUMBERS:
        return _NUMBERS[hint] + _bounds(list(_constraints(metadata)))
    if names := choice_names(hint):
        return _choice_words(names)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return f"a mapping with {_key_words(list(hint.model_fields))}"
    if origin is tuple:
        return _items(parts)
    if origin is dict and parts[1] is not Any:
        return f"a mapping, each key {type_words(parts[0])}, each value " + type_words(parts[1])
    return _PLAIN.get(origin or hint, "a value of another type")


def _alternatives(parts: Sequence[Any], metadata: Sequence[Any]) -> str:
    """Return what a union takes; to leave a key out is said nowhere, and needs no words."""
    if names := [name for part in parts for name in choice_names(part)]:
        return _choice_words(names)
    words = [type_words(part, metadata) for part in parts if part is not type(None)]
    return " or ".join(dict.fromkeys(words))


def _items(parts: tuple[Any, ...]) -> str:
    if parts[-1] is Ellipsis:
        return f"a list, each entry {type_words(parts[0])}"
    return f"a list of {len(parts)}, each entry {type_words(parts[0])}"


def _choice_words(names: list[str]) -> str:
    if len(names) > MAX_LISTED_NAMES:
        return f"a name such as {', '.join(names[:_SOME_NAMES])}"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _key_words(names: list[str]) -> str:
    if len(names) > MAX_LISTED_NAMES:
        return f"keys such as {', '.join(names[:_SOME_NAMES])}"
    return f"the keys {', '.join(names[:-1])} and {names[-1]}"


def _constraints(metadata: Sequence[Any]) -> Iterator[Any]:
    for one in metadata:
        yield from one.metadata if isinstance(one, FieldInfo) else [one]


def _bounds(constraints: list[Any]) -> str:
    low = _bound_words(constraints, {"gt": "above", "ge": "from"})
    high = _bound_words(constraints, {"le": "to", "lt": "below"})
    if low and not high and low[0].startswith("from"):
        high = ["on"]
    return "".join(f" {word}" for word in (*low, *high))


def _bound_words(constraints: list[Any], names: dict[str, str]) -> list[str]:
    """Return the words of bounds, which are told by their one attribute, as pydantic does."""
    return [
        f"{word} {getattr(one, name):g}"
        for one in constraints
        for name, word in names.items()
        if hasattr(one, name)
    ]
