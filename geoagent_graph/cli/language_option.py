"""The option `--language` of commands that speak to people."""

import functools
import inspect
from typing import Annotated, Any

import typer

from geoagent_graph.cli.flag_groups import CommandT
from geoagent_graph.translation import use_language

Language = Annotated[
    str | None,
    typer.Option(
        metavar="TAG",
        help="Speak en, es, fr, de, ar or zh; else GEOAGENT_LANGUAGE, else English. JSON and "
        "traces stay English.",
    ),
]


def takes_language(command: CommandT) -> CommandT:
    """Return a command with the option `--language`, which it speaks while it runs."""
    signature = inspect.signature(command, eval_str=True)
    option = inspect.Parameter(
        "language", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Language
    )

    @functools.wraps(command)
    def wrapper(*, language: str | None, **given: Any) -> None:
        from geoagent_graph.settings import load_settings

        with use_language(language or load_settings().language):
            command(**given)

    own = [
        each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in signature.parameters.values()
    ]
    parameters = [*own, option]
    wrapper.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
    return wrapper  # type: ignore[return-value]
