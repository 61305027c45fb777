"""Functions that torch.compile takes as one operator each, in place of a break in its graph."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

import torch

Function = TypeVar("Function", bound=Callable[..., Any])
Results = Callable[..., tuple[torch.Tensor, ...]]
"""The arguments -> empty tensors of the shape and type of each result."""

_NAMESPACE: Final = "geoagent_kernels"
_LIBRARY: Final = torch.library.Library(_NAMESPACE, "DEF")  # type: ignore[no-untyped-call]
_PLAIN: Final = {torch.Tensor: "Tensor", float: "float", int: "int"}


def as_graph_op(
    results: Results, wrap: Callable[..., Any] | None = None
) -> Callable[[Function], Function]:
    """Return a decorator that registers a function of tensors and numbers with PyTorch.

    Called plainly the function is called, without what a dispatch costs. Called while torch.compile
    follows it, its operator enters the graph; `torch.ops.geoagent_kernels` holds it by its name.

    Args:
        results: of the operator, for tensors that hold nothing.
        wrap: makes what the function returns from its tensors; None: it returns the only one.
    """

    def decorate(function: Function) -> Function:
        name = function.__name__
        count = "Tensor" if wrap is None else "Tensor[]"
        schema = f"{name}({_schema_of(function)}) -> {count}"
        _LIBRARY.define(schema)  # type: ignore[no-untyped-call]

        def compute(*args: Any, **kwargs: Any) -> Any:
            found = function(*args, **kwargs)
            return found if wrap is None else list(found)

        def describe(*args: Any, **kwargs: Any) -> Any:
            bound = inspect.signature(function).bind(*args, **kwargs).arguments
            empty = results(**bound)
            return empty[0] if wrap is None else list(empty)

        _LIBRARY.impl(name, compute, "CompositeExplicitAutograd")  # type: ignore[no-untyped-call]
        torch.library.register_fake(f"{_NAMESPACE}::{name}", describe, lib=_LIBRARY)
        operator = getattr(getattr(torch.ops, _NAMESPACE), name).default

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if not torch.compiler.is_compiling():
                return function(*args, **kwargs)
            found = operator(*args, **kwargs)
            return found if wrap is None else wrap(*found)

        return call  # type: ignore[return-value]

    return decorate


def _schema_of(function: Callable[..., Any]) -> str:
    """Return the arguments of a function as PyTorch writes them."""
    hints, parts, starred = get_type_hints(function), [], False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        default = parameter.default
        text = f"{_schema_type(hints[parameter.name])} {parameter.name}"
        parts.append(text if default is parameter.empty else f"{text}={_schema_value(default)}")
    return ", ".join(parts)


def _schema_type(hint: Any) -> str:
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "str"
    if origin in (tuple, Sequence):
        return "float[]"
    if type(None) in arguments:
        (inner,) = (one for one in arguments if one is not type(None))
        return f"{_schema_type(inner)}?"
    raise TypeError(f"{hint} has no type in a schema")


def _schema_value(default: Any) -> str:
    if isinstance(default, tuple):
        return f"[{', '.join(map(str, default))}]"
    return f'"{default}"' if isinstance(default, str) else str(default)
