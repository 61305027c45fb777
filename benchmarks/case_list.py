"""What listing many cases takes: as `geoagent cases`, the HTTP API and MCP list them.

    python benchmarks/case_list.py [--cases 5000] [--like HOME/cases/NAME]

Makes copies of one case (of scripted tools, or of the one that is named), lists them by
`geoagent cases --json`, each time in a process of its own, and prints CPU seconds and memory: as
they were copied, then with a hundred that have no summary, as an earlier version left them; at last
a hundred in this process, as a page of the HTTP API asks for them.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.summary_file import SUMMARY_NAME
from geoagent_graph.settings import Settings
from geoagent_graph.testing import scripted_toolbox

ONE_PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
PAGE_CASES = 100
OLD_CASES = 100


async def make_case(home: Path) -> Path:
    """Return the folder of a case that was run to its answer."""
    store = CaseStore(Settings(home=home))
    async with store.create(ONE_PIXEL, scripted_toolbox, name="model") as case:
        async for _ in case.run():
            pass
        return case.folder


def copy_case(model: Path, home: Path, count: int) -> None:
    """Make cases of one's traces and summary: its checkpoints, which no list reads, stay out."""
    leave_out = shutil.ignore_patterns("case.sqlite*", "lock")
    for number in range(count):
        folder = home / "cases" / f"case-{number:06}"
        shutil.copytree(model, folder, ignore=leave_out, copy_function=shutil.copyfile)


def list_cases(home: Path) -> tuple[float, float, int]:
    """Return the CPU seconds, the megabytes and the number of rows of `geoagent cases --json`."""
    program = [sys.executable, "-m", "geoagent_graph.cli", "cases", "--json", "--home", str(home)]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as listing:
        assert listing.stdout is not None
        rows = json.loads(listing.stdout.read())
        _, status, used = os.wait4(listing.pid, 0)
        listing.returncode = os.waitstatus_to_exitcode(status)
    assert listing.returncode == 0
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3, len(rows)


def measure(home: Path, count: int) -> Table:
    table = Table("listing", "CPU s", "MB", "rows")

    def add(what: str, found: tuple[float, float, int]) -> None:
        table.add_row(what, f"{found[0]:.2f}", f"{found[1]:.0f}", str(found[2]))

    add("no case (the command alone)", list_cases(home / "empty"))
    add(f"{count} cases, copied", list_cases(home))
    old = sorted((home / "cases").glob(f"*/{SUMMARY_NAME}"))[:OLD_CASES]
    for summary in old:
        summary.unlink()
    add(f"{len(old)} of them of an earlier version", list_cases(home))
    add(f"{count} cases once more", list_cases(home))
    store = CaseStore(Settings(home=home))
    began = time.process_time()
    page = store.summaries(store.names()[:PAGE_CASES])
    add(f"a page of {PAGE_CASES}", (time.process_time() - began, 0.0, len(page)))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--like", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        (home / "cases").mkdir(parents=True)
        model = arguments.like or asyncio.run(make_case(Path(folder) / "model"))
        copy_case(model, home, arguments.cases)
        Console(width=100).print(measure(home, arguments.cases))


if __name__ == "__main__":
    main()
