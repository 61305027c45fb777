"""`geoagent`: which commands there are, and what every one of them does with an error."""

import contextlib
import gc
import importlib
import os
import sys
import threading
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.keep_warm.flag import FLAG, without_flag
from geoagent_graph.errors import GeoAgentError
from geoagent_graph.supported_systems import unsupported_system_words

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = "geoagent_graph.cli.commands:command_app"
_CASES = "geoagent_graph.cli.cases.commands:case_app"
_CLUES = "geoagent_graph.cli.cases.clue_commands:clue_app"
COMMANDS = {
    "locate": _PLAIN,
    "batch": "geoagent_graph.cli.batch:batch_app",
    "investigate": _CASES,
    "add": _CASES,
    "cases": _CASES,
    "show": _CASES,
    "step": _CASES,
    "resume": _CASES,
    "fork": _CASES,
    "veto": _CASES,
    "add-clue": _CLUES,
    "undo": _CLUES,
    "note": _CASES,
    "rename": _CASES,
    "tag": _CASES,
    "archive": _CASES,
    "unarchive": _CASES,
    "delete": _CASES,
    "compare": _CASES,
    "export": _CASES,
    "verify": _CASES,
    "keys": "geoagent_graph.cli.keys:keys_app",
    "tokens": "geoagent_graph.cli.tokens:tokens_app",
    "index": "geoagent_graph.cli.index:index_app",
    "weights": "geoagent_graph.cli.weights:weights_app",
    "geocode": _PLAIN,
    "reverse": _PLAIN,
    "sun": "geoagent_graph.cli.sun:sun_app",
    "serve": "geoagent_graph.cli.serve:serve_app",
    "mcp": _PLAIN,
    "keep-warm": "geoagent_graph.cli.keep_warm.commands:keep_warm_app",
    "eval": "geoagent_graph.cli.evaluate:eval_app",
    "doctor": _PLAIN,
    "man": _PLAIN,
}
"""All that a person can type, in the order of the help, and where each is declared."""
_WELCOME = """geoagent says where a photo was taken, and shows why.

  geoagent photo.jpg                  where it was taken, with the evidence
  geoagent photo.jpg --html out.html  the same as a report with maps
  geoagent investigate photo.jpg      step by step, as a case that you can steer
  geoagent serve                      the same in the browser
  geoagent doctor                     what is installed, and what would help

Nothing leaves this machine unless you ask for it. All commands: geoagent --help
"""
# Imports make a million objects that stay; to look for garbage among them is a tenth of a command.
_GARBAGE_THRESHOLDS = (50_000, 20, 50)
_MAX_SHOWN_CHARS = 100
_COMPLETING = "_GEOAGENT_COMPLETE"
_COMPLETION_OPTIONS = ("--install-completion", "--show-completion")
_GROUP_OPTIONS = frozenset({"--help", "-h", "--version", *_COMPLETION_OPTIONS})


class _Commands(TyperGroup):
    """The commands, each imported only when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module, _, attribute = COMMANDS[cmd_name].partition(":")
            self._add_commands_of(getattr(importlib.import_module(module), attribute), cmd_name)
        return super().get_command(ctx, cmd_name)

    def _add_commands_of(self, declared: typer.Typer, name: str) -> None:
        group = typer.main.get_group(declared)
        if name in group.commands:
            self.commands.update(group.commands)
        else:  # a group of its own, as `index`
            self.add_command(group, name)


app = typer.Typer(
    name="geoagent",
    cls=_Commands,
    help="Where was this photo taken? `geoagent PHOTO` is short for `geoagent locate PHOTO`.",
    epilog=exit_codes.EXPLAINED,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from geoagent_graph.cli.streams import write_result
        from geoagent_graph.version import package_version

        write_result(f"geoagent {package_version()}\n")
        raise typer.Exit


@app.callback()
def _global_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Options that stand before the command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status; never with a traceback of ours."""
    problem = unsupported_system_words()
    if problem is not None:  # nothing else of ours can be imported there
        sys.stderr.write(f"geoagent: error: {problem}\n")
        sys.exit(exit_codes.FAILED)
    from geoagent_graph.cli.streams import prepare_streams

    gc.set_threshold(*_GARBAGE_THRESHOLDS)
    prepare_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    plain = without_flag(given) if arguments is None else None
    status = _exit_status_of(lambda: _run_command(given) if plain is None else _run_warm(plain))
    if arguments is None:
        if threading.active_count() > 1:
            _leave_unfinished_calls(status)
        gc.freeze()  # else Python looks for garbage among all of it again, 0.25 s, and then ends
    sys.exit(status)


def _run_warm(arguments: list[str]) -> int:
    """Return the exit status of a command that a helper runs, or this process, then with one."""
    from geoagent_graph.cli.keep_warm.client import Helper
    from geoagent_graph.cli.streams import write_note

    if _command_of(arguments) != "locate":
        raise typer.BadParameter(f"{FLAG} goes with `geoagent locate` alone")
    helper = Helper.of_this_process()
    if helper is None:
        write_note(f"{FLAG}: there are helpers on Linux alone; this command runs as ever")
        return _run_command(arguments)
    status = helper.run(arguments)
    if status is None:
        status = _run_command(arguments)
        helper.start()
    return status


def _command_of(arguments: list[str]) -> str | None:
    first = arguments[0] if arguments else None
    return first if first is None or first in COMMANDS or first in _GROUP_OPTIONS else "locate"


def _leave_unfinished_calls(status: int) -> None:
    """End the process at once where a tool still works that nobody waits for any more."""
    from geoagent_graph.call_threads import has_unfinished_calls

    if has_unfinished_calls():  # an orderly end would wait for it
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


def _run_command(arguments: list[str]) -> int:
    from geoagent_graph.cli.photos import is_typing_error

    command = typer.main.get_command(app)
    # ends the process where a shell asks what may come next; else `command.main()` would do it
    command._main_shell_completion({}, "geoagent", _COMPLETING)
    if not arguments:
        return _welcome()
    first = arguments[0]
    if not (first in COMMANDS or first in _GROUP_OPTIONS):
        near = get_close_matches(first, COMMANDS, n=1, cutoff=0.7)
        if near and is_typing_error(first):
            raise typer.BadParameter(f"{first}: no such command or photo; did you mean {near[0]}?")
        arguments = ["locate", *arguments]
    try:
        # Not `command.main()`: it answers interrupts and broken pipes in its own way.
        with command.make_context("geoagent", arguments) as context:
            command.invoke(context)
    except typer.Exit as left:
        return left.exit_code
    return exit_codes.ANSWERED


def _welcome() -> int:
    """Say what a first-time user may type."""
    from geoagent_graph.cli.streams import write_result

    write_result(_WELCOME)
    return exit_codes.ANSWERED


def _exit_status_of(command: "Callable[[], int]") -> int:
    """Return the exit status of a command; errors become one line on stderr."""
    from geoagent_graph.cli import streams

    try:
        return command()
    except BrokenPipeError:
        streams.silence_stdout()
        return exit_codes.BROKEN_PIPE
    except (KeyboardInterrupt, typer.Abort):
        streams.write_note("interrupted")
        return exit_codes.INTERRUPTED
    except typer.TyperException as error:
        return _usage_error(error)
    except GeoAgentError as error:
        streams.write_error(str(error))
        return error.exit_code
    except OSError as error:
        streams.write_error(_os_error_line(error))
        return exit_codes.FAILED


def _usage_error(error: typer.TyperException) -> int:
    from geoagent_graph.cli import streams

    if type(error).__name__ == "NoArgsIsHelpError":
        return exit_codes.USAGE  # the help has been shown
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "geoagent"
    words = _wrong_value_words(error) or error.format_message().rstrip(".")
    end = "" if words.endswith("?") else "."
    streams.write_error(f"{words}{end} Try: {command} --help")
    return exit_codes.USAGE


def _wrong_value_words(error: typer.TyperException) -> str | None:
    """Return what is wrong with the value of an option, where pydantic has refused it."""
    from pydantic import ValidationError

    from geoagent_graph.safe_text import visible
    from geoagent_graph.validation_words import problem_words

    refused, option = error.__cause__, getattr(error, "param", None)
    if not isinstance(refused, ValidationError) or option is None:
        return None
    first = refused.errors()[0]
    said = problem_words(first).rstrip(".")
    given = visible(str(first["input"]), _MAX_SHOWN_CHARS)
    name = max(option.opts, key=len) if option.param_type_name == "option" else option.metavar
    return f"{name}: {said}" if repr(given) in said else f"{name} {given}: {said}"


def _os_error_line(error: OSError) -> str:
    name = f"{error.filename}: " if error.filename else ""
    return f"{name}{error.strerror or error}"
