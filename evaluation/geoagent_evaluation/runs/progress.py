"""How far a run is, on stderr: photos done, the rate, and the time that is left."""

import sys
import time
from collections.abc import Callable

MIN_SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Says a line at most every ten seconds, and one at the end.

    Args:
        total: photos of the run.
        done: photos that were located before.
        say: writes a line.
        clock: seconds that never run backwards.
    """

    def __init__(
        self,
        total: int,
        done: int,
        say: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total, self._before, self._done = total, done, done
        self._failed = 0
        self._say, self._clock = say or _write_line, clock
        self._began = self._said = clock()
        if done:
            self._say(f"{done} of {total} photos were located before, {total - done} are left")

    def add(self, failed: bool) -> None:
        """Count one more photo, and say so where it is time."""
        self._done += 1
        self._failed += failed
        now = self._clock()
        if self._done == self._total or now - self._said >= MIN_SECONDS_BETWEEN_LINES:
            self._said = now
            self._say(self.line(now))

    def line(self, now: float) -> str:
        """Return the state of the run in words."""
        new = self._done - self._before
        seconds = max(now - self._began, 1e-9)
        left = (self._total - self._done) * seconds / max(new, 1)
        failed = f", {self._failed} failed" if self._failed else ""
        return (
            f"{self._done} of {self._total} photos{failed}, {seconds / max(new, 1):.2f} s each, "
            f"{_duration(left)} left"
        )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _write_line(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
