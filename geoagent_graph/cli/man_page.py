"""The manual page of the command line, made from its commands as they are: roff for `man`."""

import re
from collections.abc import Iterator
from typing import Any

import typer

from geoagent_graph.version import package_version

_NAME = "geoagent \\- says where a photo was taken, and shows why"
_FILES = (
    ("$GEOAGENT_HOME", "cases, photos and keys; `geoagent doctor` says where it is"),
    ("$GEOAGENT_CACHE_DIR", "compiled tables and models; safe to delete"),
)


def man_page() -> str:
    """Return the page `geoagent(1)`: every command with its options, exit status, files."""
    from geoagent_graph.cli import exit_codes
    from geoagent_graph.cli.app import app

    root: Any = typer.main.get_command(app)
    with typer.Context(root, info_name="geoagent") as context:
        commands = [root.get_command(context, name) for name in root.list_commands(context)]
        lines = [
            f'.TH GEOAGENT 1 "" "geoagent {roff(package_version())}" "User Commands"',
            *(".SH NAME", _NAME),
            *(
                ".SH SYNOPSIS",
                ".B geoagent",
                "PHOTO...",
                ".br",
                ".B geoagent",
                "COMMAND [OPTION]...",
            ),
            *(".SH DESCRIPTION", roff(root.help or "")),
            ".SH COMMANDS",
            *(line for command in commands for line in _command_lines(command, context)),
            *(".SH EXIT STATUS", roff(exit_codes.EXPLAINED)),
            ".SH FILES",
        ]
    for name, words in _FILES:
        lines += [".TP", f".B {roff(name)}", roff(words)]
    return "\n".join(lines) + "\n"


def _command_lines(command: Any, parent: Any, prefix: str = "geoagent") -> Iterator[str]:
    name = f"{prefix} {command.name}"
    with typer.Context(command, info_name=command.name, parent=parent) as context:
        usage = " ".join(command.collect_usage_pieces(context))
        yield from (f".SS {roff(name)} {roff(usage)}", roff(command.help or ""))
        for parameter in command.get_params(context):
            record = parameter.get_help_record(context)
            if record is not None and parameter.param_type_name == "option":
                yield from (".TP", f".B {roff(record[0])}", roff(record[1]) or "\\&")
        for inner in getattr(command, "commands", {}).values():
            yield from _command_lines(inner, context, name)


def roff(text: str) -> str:
    """Return text as one paragraph that roff takes for text and nothing else."""
    plain = re.sub(r"\s+", " ", text).strip().replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{plain}" if plain[:1] in (".", "'") else plain
