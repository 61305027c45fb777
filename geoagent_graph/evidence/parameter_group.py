"""What a group of weights of the evidence is."""

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Weights that were found together; `how` says how."""

    how: str

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        """Return a group as it is stored; a missing or an unknown weight is a `TypeError`."""
        return cls(how=stored["how"], **stored["values"])
