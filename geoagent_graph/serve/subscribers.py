"""Who watches which branch: runs that nobody watches are stopped."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from geoagent_graph.serve.problems import too_many

Key = tuple[str, str]  # a case and a branch


@dataclass(slots=True)
class _Watched:
    listeners: int = 0
    seen: float = field(default_factory=lambda: monotonic())


class Subscribers:
    """Counts listeners; a request about a branch counts as a short look."""

    def __init__(self, away_seconds: float | None, most: int) -> None:
        self._away_seconds = away_seconds
        self._most = most
        self._watched: dict[Key, _Watched] = {}

    @property
    def listeners(self) -> int:
        """How many listen, to all branches together."""
        return sum(watched.listeners for watched in self._watched.values())

    @contextlib.contextmanager
    def listen(self, key: Key) -> Iterator[None]:
        """Count a listener for as long as the block lasts.

        Raises:
            HTTPException: 429, as many listen as may.
        """
        if self.listeners >= self._most:
            raise too_many("as many streams are open as may; close one", 5)
        watched = self._watched.setdefault(key, _Watched())
        watched.listeners += 1
        try:
            yield
        finally:
            watched.listeners -= 1
            watched.seen = monotonic()
            self._watched[key] = watched

    def touch(self, key: Key) -> None:
        """Note that somebody looked."""
        self._watched.setdefault(key, _Watched()).seen = monotonic()

    def is_away(self, key: Key) -> bool:
        """Return whether nobody has watched for too long; never where that stops no run."""
        return self._away_seconds is not None and self._is_unseen(key, self._away_seconds)

    def forget(self) -> None:
        """Drop what is known of branches that nobody watches any more."""
        seconds = self._away_seconds or 0.0
        for key in [key for key in self._watched if self._is_unseen(key, seconds)]:
            del self._watched[key]

    def _is_unseen(self, key: Key, seconds: float) -> bool:
        watched = self._watched.get(key)
        if watched is None:
            return True
        return watched.listeners == 0 and monotonic() - watched.seen > seconds
