"""Options that several commands take as one parameter: the fields of a dataclass, worded once."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

CommandT = TypeVar("CommandT", bound=Callable[..., None])


def takes_flags(kind: Any, name: str) -> Callable[[CommandT], CommandT]:
    """Return what lets a command have the fields of a dataclass as options.

    Args:
        kind: the dataclass; its fields are annotated as options.
        name: the command's parameter that gets an instance of it.
    """
    hints = get_type_hints(kind, include_extras=True)
    flags = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=hints[field.name],
        )
        for field in fields(kind)
    ]

    def with_flags(command: CommandT) -> CommandT:
        signature = inspect.signature(command, eval_str=True)
        own = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in signature.parameters.values()
            if parameter.name != name
        ]

        @functools.wraps(command)
        def wrapper(**given: Any) -> None:
            chosen = {parameter.name: given.pop(parameter.name) for parameter in flags}
            command(**given, **{name: kind(**chosen)})

        parameters = [*own, *flags]
        wrapper.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
        return wrapper  # type: ignore[return-value]

    return with_flags
