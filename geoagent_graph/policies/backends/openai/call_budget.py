"""The calls that may be sent to a server, and how it is known that they are used up."""

from typing import Final

_MARK: Final = ": the calls that may be sent are used up"


def used_up_sentence(allowed: int) -> str:
    """Return what is said in place of one call more than allowed."""
    return f"--max-calls {allowed}{_MARK}"


def calls_used_up(error: Exception) -> bool:
    """Return whether an error says that no further call may be sent."""
    return _MARK in str(error)
