"""How far a batch is: rows, pace, time left, failures by kind, copies."""

from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Final

from geoagent_graph.batch.run import BatchReport, BatchWatcher
from geoagent_graph.cli.run_summary import describe_levels, describe_reasons
from geoagent_graph.cli.streams import write_note
from geoagent_graph.number_words import count
from geoagent_graph.render.terminal.pace import duration

SECONDS_BETWEEN_LINES: Final = 10.0
_MIN_ROWS: Final = 3


class BatchProgress(BatchWatcher):
    """Says on stderr every ten seconds how far a batch is."""

    def __init__(
        self,
        write: Callable[[str], None] = write_note,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._write = write
        self._clock = clock
        self.failures: Counter[str] = Counter()

    def begin(self, rows: int, done: int, copies: int) -> None:
        """Say how many rows there are, and how many are done already."""
        self._rows, self._done, self._located = rows, done, 0
        self.failures.clear()
        self._began = self._spoke = self._clock()
        parts = [f"{rows:,} photos"]
        parts += [f"{copies:,} with the bytes of another"] if copies else []
        parts += [f"{done:,} done already"] if done else []
        self._write(", ".join(parts))

    def add(self, failures: list[str], rows: int) -> None:
        """Count rows, and say so where nothing was said for a while."""
        self._done += rows
        self._located += rows
        self.failures.update(failures)
        now = self._clock()
        if now - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = now
            self._write(self.sentence(now))

    def wait(self, seconds: float, reason: str) -> None:
        """Say why nothing goes on for a while."""
        self._write(f"{reason}; waiting {duration(seconds)}")

    def sentence(self, now: float) -> str:
        """Return how far it is at a time of the clock."""
        words = f"{self._done:,} of {self._rows:,}"
        seconds = now - self._began
        if self._located >= _MIN_ROWS and seconds > 0.0:
            rate = self._located / seconds
            left = duration((self._rows - self._done) / rate)
            words += f" ({rate:.1f}/s, {left} left)"
        failed = self.failures.total()
        return f"{words}, {failed} failed ({describe_reasons(self.failures)})" if failed else words


def report_line(report: BatchReport, seconds: float) -> str:
    """Return what a batch came to, in one line."""
    counts = report.counts
    parts = describe_levels(counts.levels)
    if failed := counts.failures.total():
        parts.append(f"{failed} failed ({describe_reasons(counts.failures)})")
    copies = f"; {counts.copies} came more than once" if counts.copies else ""
    located = f"{report.located} located in {duration(seconds)}" if report.located else "all there"
    size = f"{count(counts.rows, 'photo')} in {count(report.shards, 'shard')}"
    return f"{size}, {located}: {', '.join(parts)}{copies}"
