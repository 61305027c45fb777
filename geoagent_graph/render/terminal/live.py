"""What a person sees on stderr while photos are being located."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from geoagent_graph.render.terminal.pace import Pace
from geoagent_graph.safe_text import visible
from geoagent_graph.types import Answer, Step

if TYPE_CHECKING:
    from rich.console import Console


class Reporter:
    """Shows nothing; the other reporters say more (`--quiet` uses this one)."""

    def progress(self, share: float, words: str) -> None:
        """Show how far a long preparation is: `share` in [0, 1]."""

    def step(self, step: Step) -> None:
        """Show a step that has finished."""

    def answer(self, answer: Answer, result_follows: bool) -> None:
        """End the steps of one photo; `result_follows` says that stdout gets readable text."""

    def photo_done(self, index: int, label: str) -> None:
        """Show that one photo of several has been dealt with."""

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Keep the screen still while something else is written."""
        yield

    def close(self) -> None:
        """Leave the screen as it is and show nothing more."""


class PlainReporter(Reporter):
    """One line per step on a stderr that is no terminal."""

    def __init__(self, photos: int) -> None:
        self._photos = photos
        self._pace = Pace(photos)
        self._words = ""

    def progress(self, share: float, words: str) -> None:
        """Write a line when the work changes and when it is done."""
        if words != self._words or share >= 1.0:
            self._words = words
            self._write_line(f"{words} ({share:.0%})")

    def step(self, step: Step) -> None:
        """Write what the step did and how long it took."""
        name = f"{step.node} {step.level}" if step.level else step.node
        self._write_line(f"{name}: {step.summary} ({step.seconds:.2f} s)")
        for call in step.tools:
            if call.error:
                self._write_line(f"{name}: {call.tool} failed: {call.error}")

    def photo_done(self, index: int, label: str) -> None:
        """Write which photo is done."""
        self._write_line(f"{index + 1} of {self._photos}: {label}{self._pace.after_photo()}")

    def _write_line(self, words: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            sys.stderr.write(f"geoagent: {visible(words)}\n")
            sys.stderr.flush()


class TerminalReporter(Reporter):
    """A live tree of steps for one photo, a counter for several, on a terminal."""

    def __init__(self, console: "Console", labels: Sequence[str]) -> None:
        from rich.live import Live
        from rich.text import Text
        from rich.tree import Tree

        self._console = console
        self._labels = labels
        self._pace = Pace(len(labels))
        self._status = Text("loading the tools", style="dim")
        title = labels[0] if len(labels) == 1 else f"{len(labels)} photos"
        self._tree = Tree(Text(visible(title, 200), style="bold"), guide_style="dim")
        # Results may go to the same screen: rich must not catch stdout and send it to stderr.
        self._live: Live | None = Live(
            get_renderable=self._tree_with_status,  # type: ignore[arg-type]
            console=console,
            redirect_stdout=False,
            redirect_stderr=False,
            transient=len(labels) > 1,
        )
        self._live.start()

    def progress(self, share: float, words: str) -> None:
        """Show a bar for the preparation."""
        from geoagent_graph.render.terminal.step_tree import bar

        if share >= 1.0:
            self._set_status("working")
            return
        self._set_status(f"{bar(share, self._console.options.ascii_only)} {share:4.0%} {words}")

    def step(self, step: Step) -> None:
        """Add the step, its clues and its candidates to the tree."""
        from geoagent_graph.render.terminal.step_tree import add_step

        add_step(self._tree, step, self._console.options.ascii_only)
        self._set_status("working")

    def answer(self, answer: Answer, result_follows: bool) -> None:
        """End the tree; show the answer here where stdout does not show it to the same person."""
        self.close()
        if not (result_follows and sys.stdout.isatty()):
            from geoagent_graph.render.terminal.answer_text import answer_panel

            self._console.print(answer_panel(answer, self._console))

    def photo_done(self, index: int, label: str) -> None:
        """Count the photo."""
        pace = self._pace.after_photo()
        self._set_status(f"{index + 1} of {len(self._labels)}{pace}: {label}")

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Take the counter off the screen and bring it back."""
        if self._live is not None:
            self._live.stop()
        yield
        if self._live is not None:
            self._live.start(refresh=True)

    def close(self) -> None:
        """Leave the finished tree on the screen."""
        if self._live is not None:
            live, self._live = self._live, None
            self._status.truncate(0)
            live.refresh()
            live.stop()

    def _set_status(self, words: str) -> None:
        self._status.truncate(0)
        self._status.append(visible(words, 200))

    def _tree_with_status(self) -> object:
        from rich.console import Group

        if not self._status.plain:
            return self._tree
        return Group(self._tree, self._status)


@contextlib.contextmanager
def open_reporter(labels: Sequence[str], quiet: bool) -> Iterator[Reporter]:
    """Yield the reporter that suits stderr: none, plain lines, or a live tree."""
    reporter = _suitable_reporter(labels, quiet)
    try:
        yield reporter
    finally:
        reporter.close()


def _suitable_reporter(labels: Sequence[str], quiet: bool) -> Reporter:
    if quiet:
        return Reporter()
    if not sys.stderr.isatty():
        return PlainReporter(len(labels))
    from rich.console import Console

    return TerminalReporter(Console(stderr=True, highlight=False, emoji=False), labels)
