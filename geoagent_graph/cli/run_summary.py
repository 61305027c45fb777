"""What a run over several photos came to, in one line."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from geoagent_graph.number_words import count
from geoagent_graph.render.terminal.pace import duration
from geoagent_graph.types import ClaimLevel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geoagent_graph.errors import GeoAgentError
    from geoagent_graph.types import Answer

_LEVELS: Final[dict[ClaimLevel, str]] = {
    "city": "to a city",
    "country": "to a country",
    "continent": "to a continent",
}
_REASONS: Final = {
    "PhotoError": "no readable photo",
    "PolicyError": "the model failed",
    "ToolError": "a tool failed",
    "StorageError": "storage",
}


@dataclass
class RunSummary:
    """Counts failures by reason and photos that came more than once."""

    reasons: Counter[str] = field(default_factory=Counter)
    copies: int = 0

    def add_failure(self, error: "GeoAgentError | None") -> None:
        """Count a photo that failed."""
        self.reasons[_REASONS.get(type(error).__name__, "other")] += 1

    def sentence(self, answers: "Iterable[Answer]", seconds: float) -> str:
        """Return how many photos were placed how precisely, and what became of the others."""
        levels = Counter(answer.level for answer in answers)
        failed = self.reasons.total()
        total = levels.total() + failed
        parts = describe_levels(levels)
        if failed:
            why = ", ".join(f"{reason}: {n}" for reason, n in self.reasons.most_common())
            parts.append(
                f"{failed} failed" + (f" ({why})" if set(self.reasons) != {"other"} else "")
            )
        copies = f"; {self.copies} came more than once" if self.copies else ""
        return f"{count(total, 'photo')} in {duration(seconds)}: {', '.join(parts)}{copies}"


def describe_levels(levels: "Mapping[ClaimLevel, int]") -> list[str]:
    """Return how many photos were placed how precisely, a few words each."""
    parts = [f"{levels[level]} {words}" for level, words in _LEVELS.items() if levels.get(level)]
    return parts + ([f"{levels['none']} without a claim"] if levels.get("none") else [])


def describe_reasons(kinds: Counter[str]) -> str:
    """Return the reasons of failures, from the names of their errors, the most frequent first."""
    reasons: Counter[str] = Counter()
    for kind, number in kinds.items():
        reasons[_REASONS.get(kind, "other")] += number
    return ", ".join(f"{reason}: {number}" for reason, number in reasons.most_common())
