"""A progress bar on stderr for work that is done once, such as compiling the place table."""

import contextlib
import sys
from collections.abc import Callable, Iterator

from geoagent_graph.render.terminal.live import PlainReporter
from geoagent_graph.safe_text import visible


@contextlib.contextmanager
def preparation_bar() -> Iterator[Callable[[float, str], None]]:
    """Yield what to call with the share done, 0 to 1, and what is being done.

    On a terminal a bar, gone at the end; elsewhere a line whenever the work changes. Nothing
    shows when it is never called.
    """
    if not sys.stderr.isatty():
        yield PlainReporter(photos=0).progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(), TextColumn("{task.description}", markup=False))
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("", total=1.0)

    def progress(share: float, words: str) -> None:
        bar.start()
        bar.update(task, completed=share, description=visible(words, 120))

    try:
        yield progress
    finally:
        bar.stop()
