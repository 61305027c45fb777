"""What a case was begun with, used again only where the person who resumes it says so.

A case may come from somebody else. What is stored in it never decides on its own where photos and
keys are sent, or which files and plug-ins are opened.
"""

import shlex
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import typer

from geoagent_graph.errors import InputError
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.safe_text import visible
from geoagent_graph.types import Json

if TYPE_CHECKING:
    from geoagent_graph.cli.options import PolicyFlags
    from geoagent_graph.settings import Settings

_OF_MODEL: Final = (
    "base_url", "model", "weights", "calibration", "reference_photos", "draft_system",
    "draft_question",
)  # fmt: skip
_OF_ALL: Final = ("policy", "index", "retriever")
_SHIPPED_POLICIES: Final = ("evidence", "served", "transformers")


def options_of_case(
    name: str,
    stored: Json,
    flags: "PolicyFlags",
    settings: "Settings",
    ask: Callable[[str], bool] | None = None,
) -> PolicyOptions:
    """Return the options of a case's next run: as given, then as stored where that is confirmed.

    What is stored counts where a setting says the same or where `ask` returns true.

    Args:
        name: the case, for messages.
        stored: what the case keeps; see `PolicyOptions.request`.
        flags: what was given on the command line; it stands above what is stored.
        settings: the settings of this process.
        ask: asks a person; None asks the one at the terminal, and refuses where there is none.

    Raises:
        InputError: something stored is confirmed by nobody, or has another form.
    """
    wanted = flags.options(stored)
    unconfirmed = {
        field: value
        for field, value in _named_by(wanted).items()
        if getattr(flags, field) is None
        and value is not None
        and value not in _SHIPPED_POLICIES
        and value != getattr(settings, field, None)
    }
    if unconfirmed:
        options = " ".join(_option(field, value) for field, value in unconfirmed.items())
        if not (ask or _ask_person)(f"{name} was begun with {options}. Use that?"):
            raise InputError(
                f"{name}: was begun with {options}. Where photos and keys go and what is opened is "
                "not taken from a case. Give these options again if they are yours, or others, "
                "such as --policy evidence"
            )
    return wanted


def _named_by(options: PolicyOptions) -> dict[str, object]:
    """Return what the options name outside the case: servers, files, plug-ins."""
    fields = _OF_ALL if options.policy == "evidence" else (*_OF_ALL, *_OF_MODEL)
    return {field: getattr(options, field) for field in fields}


def _option(field: str, value: object) -> str:
    return f"--{field.replace('_', '-')} {shlex.quote(visible(str(value))[:200])}"


def _ask_person(question: str) -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return typer.confirm(visible(question), default=False, err=True)
