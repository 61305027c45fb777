"""How a command ends: its status, and one line on stderr where it fails."""

import errno
import sys
from collections.abc import Callable
from typing import Final

import typer

from geoagent_graph.errors import GeoAgentError

USAGE: Final = 2
FAILED: Final = 1
INTERRUPTED: Final = 130
_NAMED_WRONGLY: Final = frozenset(
    {
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EEXIST,
        errno.EACCES,
        errno.EPERM,
        errno.ENAMETOOLONG,
        errno.ELOOP,
        errno.EROFS,
    }
)
"""What a file that was named is, where another one should have been: a fault of use."""

_PROGRAM: Final = "geoagent-train"
_MAX_LINE_CHARS: Final = 2000


def exit_status_of(command: Callable[[], object]) -> int:
    """Run a command and return its exit status; errors of use and of files are one line.

    What is a fault of ours stays a traceback.
    """
    try:
        code = command()
    except typer.Exit as left:
        return left.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _report_failure("interrupted", INTERRUPTED)
    except typer.TyperException as error:
        return _usage_error(error)
    except GeoAgentError as error:
        return _report_failure(str(error), error.exit_code)
    except OSError as error:
        status = USAGE if error.errno in _NAMED_WRONGLY else FAILED
        return _report_failure(_file_words(error), status)
    except UnicodeDecodeError as error:
        return _report_failure(f"a file is not UTF-8 text: {error}", USAGE)
    return code if isinstance(code, int) else 0


def _usage_error(error: typer.TyperException) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        return USAGE  # the help has been shown
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else _PROGRAM
    said = " ".join(error.format_message().split()).rstrip(".")
    return _report_failure(f"{said}. Try: {command} --help", USAGE)


def _file_words(error: OSError) -> str:
    name = f"{error.filename}: " if error.filename else ""
    return f"{name[:200]}{error.strerror or error}"


def _report_failure(words: str, status: int) -> int:
    line = " ".join(words.split())[:_MAX_LINE_CHARS]
    print(f"{_PROGRAM}: {line}", file=sys.stderr)  # noqa: T201
    return status
