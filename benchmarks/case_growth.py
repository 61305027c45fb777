"""How a case grows: vetoed and resumed again and again, with the tools of `geoagent`.

    python benchmarks/case_growth.py PHOTO [--steps 500]

Prints, each time the steps have doubled, the size of the case's file and what each step added to
it, the CPU seconds of `verify`, and what a fork of the last step adds.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from geoagent_graph import load_settings, open_toolbox
from geoagent_graph.cases.case import Case
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.verification import verify_case
from geoagent_graph.errors import InputError


async def grow(case: Case, steps: int) -> int:
    """Run and veto until a case has that many steps; return how many it has."""
    while True:
        async for _ in case.run():
            pass
        state = case._projection.state
        if len(state["steps"]) >= steps:
            return len(state["steps"])
        for level in reversed(state["accepted"] or state["hypotheses"]):
            try:
                await case.veto(level["place"]["name"], "measured")
                break
            except InputError:  # it is set, or excluded already
                continue


def megabytes(path: Path) -> float:
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*")) / 1e6


async def measure(photo: Path, most: int, folder: Path) -> Table:
    settings = load_settings().model_copy(update={"home": folder})
    store, tools = CaseStore(settings), open_toolbox(settings)
    table = Table("steps", "MB", "kB per step", "trace MB", "verify CPU s", "fork adds MB")
    async with store.create(photo, lambda: tools, name="one"):
        pass
    path, before, wanted = store.database_path("one"), (0, 0.0), 14
    while before[0] < most:
        async with store.hold("one", lambda: tools) as case:
            steps = await grow(case, wanted)
        size = megabytes(path)
        began = time.process_time()
        found = await verify_case(store, "one", "main")
        seconds = time.process_time() - began
        assert found.holds, found.problems
        async with store.hold("one", lambda: tools) as case:
            await case.fork(steps - 1)
        table.add_row(
            str(steps),
            f"{size:.1f}",
            f"{1000 * (size - before[1]) / (steps - before[0]):.1f}",
            f"{store.trace_path('one').stat().st_size / 1e6:.1f}",
            f"{seconds:.2f}",
            f"{megabytes(path) - size:.2f}",
        )
        before, wanted = (steps, size), min(max(2 * steps, wanted), most)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photo", type=Path)
    parser.add_argument("--steps", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Console(width=100).print(
            asyncio.run(measure(arguments.photo, arguments.steps, Path(folder)))
        )


if __name__ == "__main__":
    main()
