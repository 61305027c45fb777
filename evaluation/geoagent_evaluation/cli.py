"""`geoagent-eval`: which commands there are, and what every one of them does with an error.

A command is a module with `add_arguments(parser)` and `run(args) -> int`, which returns the exit
status; it is imported only when it is asked for. `geoagent eval` is the same under another name.
"""

import argparse
import contextlib
import importlib
import io
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NoReturn, Protocol, cast

from geoagent_evaluation.errors import EvaluationError

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("geoagent_evaluation.runs.run_command", "locate the photos of a manifest (the agent)"),
    "baselines": (
        "geoagent_evaluation.runs.baselines_command",
        "write what a run must beat beside it (the agent)",
    ),
    "distractors": (
        "geoagent_evaluation.scoring.distractors_command",
        "count wrong claims on photos that must not be believed",
    ),
    "score": ("geoagent_evaluation.scoring.score_command", "score predictions against the truth"),
    "compare": (
        "geoagent_evaluation.scoring.compare_command",
        "compare systems over the photos that all of them have",
    ),
    "datasets": ("geoagent_evaluation.datasets.command", "list, check and convert data sets"),
    "import": (
        "geoagent_evaluation.importers.command",
        "read predictions that others have published",
    ),
    "report": ("geoagent_evaluation.report.report_command", "draw a page that a person reads"),
}
"""All that a person can type, in the order of the help: the module, and what it is for."""

DONE = 0
FAILED = 1
USAGE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141  # what a shell reports for a writer whose reader has gone
EXPLAINED = "Exit status: 0 done; 1 a failure; 2 wrong usage or a file that is refused."


class _Command(Protocol):
    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None: ...

    def run(self, args: argparse.Namespace, /) -> int: ...


class UsageError(EvaluationError):
    """Arguments that a command cannot be run with."""


class _OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are raised, to be told in one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. Try: {self.prog} --help")


def main(arguments: Sequence[str] | None = None, program: str = "geoagent-eval") -> int:
    """Run the command line; returns its exit status, errors are one line on stderr."""
    _prepare_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return run_command(given, program)
    except BrokenPipeError:
        _silence_stdout()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return _report_error("interrupted", program, INTERRUPTED)
    except EvaluationError as error:
        return _report_error(f"error: {error}", program, error.exit_code)
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _report_error(f"error: {name}{error.strerror or error}", program, FAILED)


def run_command(arguments: Sequence[str], program: str) -> int:
    """Run one command and return its exit status.

    Raises:
        EvaluationError: wrong usage, or what the command raises.
    """
    name = arguments[0] if arguments else ""
    if name in {"--help", "-h"}:
        sys.stdout.write(_help_text(program))
        return DONE
    if name not in COMMANDS:
        raise UsageError(_unknown_command(name, program))
    module, purpose = COMMANDS[name]
    command = _import_command(module, name)
    parser = _OneLineParser(
        prog=f"{program} {name}",
        description=f"{purpose[:1].upper()}{purpose[1:]}.",
        epilog=EXPLAINED,
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    try:
        args = parser.parse_args(list(arguments[1:]))
    except SystemExit as left:  # the help has been shown
        return int(left.code or DONE)
    code = command.run(args)
    sys.stdout.flush()
    return code


def visible_text(text: str) -> str:
    """Return a text as one line: whatever would move a terminal's cursor becomes an escape."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _import_command(module: str, name: str) -> _Command:
    try:
        return cast("_Command", importlib.import_module(module))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "geoagent_graph":
            raise
        raise UsageError(
            f"{name}: runs the agent, which is not installed; run pip install . in its checkout"
        ) from error


def _help_text(program: str) -> str:
    width = max(map(len, COMMANDS), default=0)
    lines = [f"  {name:<{width}}  {purpose}" for name, (_, purpose) in COMMANDS.items()]
    head = f"usage: {program} COMMAND ...\n\nMeasures image geolocation, anybody's system.\n\n"
    tail = f"\n\n{program} COMMAND --help explains one of them. {EXPLAINED}\n"
    return f"{head}commands:\n" + "\n".join(lines) + tail


def _unknown_command(name: str, program: str) -> str:
    if not name:
        return f"name a command. Try: {program} --help"
    near = get_close_matches(name, COMMANDS, n=1, cutoff=0.7)
    hint = f"did you mean {near[0]}?" if near else f"Try: {program} --help"
    return f"{name}: no such command; {hint}"


def _report_error(message: str, program: str, code: int) -> int:
    name = program.split()[0]
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(f"{name}: {visible_text(message)}\n")
        sys.stderr.flush()
    return code


def _prepare_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _silence_stdout() -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, sys.stdout.fileno())
    finally:
        os.close(null)
