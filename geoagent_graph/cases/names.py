"""Names of cases and branches: short, safe as file names on every system."""

import re

from geoagent_graph.errors import InputError
from geoagent_graph.safe_text import visible

MAIN = "main"
NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"
"""What a name of a case or a branch looks like; `check_name` refuses a few that do."""
_NAME = re.compile(NAME_PATTERN, re.ASCII)
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10))}
)


def is_name(name: str) -> bool:
    """Return whether a case or a branch could be called so."""
    return _NAME.fullmatch(name) is not None and name not in _RESERVED


def check_name(name: str, what: str = "case") -> str:
    """Return a name that can be a folder's or a file's.

    Raises:
        InputError: it has other characters than a-z, 0-9, - and _, or is too long.
    """
    if not is_name(name):
        raise InputError(
            f"{visible(name, 80)}: no name for a {what}; take up to 64 of a-z, 0-9, - and _"
        )
    return name


def split_name(words: str) -> tuple[str, str]:
    """Return the case and the branch of `CASE` or `CASE/BRANCH`.

    Raises:
        InputError: one of them is no name.
    """
    case, slash, branch = words.partition("/")
    return check_name(case), check_name(branch, "branch") if slash else MAIN


def name_for(photo_name: str) -> str:
    """Return a case's name made from its photo's file name."""
    stem = photo_name.rsplit(".", 1)[0].lower()
    plain = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:40].strip("-")
    return plain if plain and plain not in _RESERVED else "case"
