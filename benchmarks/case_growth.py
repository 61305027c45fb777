"""How a case grows: vetoed and resumed again and again.

    python benchmarks/case_growth.py [--steps 500] [--photo PHOTO]

Without a photo the tools are scripted and only the store works: candidates, evidence and clues are
as many and as long as those of real photos (12 cities, 4 lines of evidence each, 20 clues). With a
photo the tools are those of `geoagent`, which takes many times as long. Prints, each time the steps
have doubled, the size of the case's file and what each step added to it, the CPU seconds of
`verify`, and what a fork of the last step adds; exits with 1 where that is 30 MB or 3 CPU seconds.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from geoagent_graph import load_settings, open_toolbox
from geoagent_graph.cases.case import Case
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.verification import verify_case
from geoagent_graph.errors import InputError
from geoagent_graph.protocols import Situation
from geoagent_graph.testing import FixedEvidence, ScriptedPolicy, scripted_toolbox
from geoagent_graph.testing.scripted import EUROPE, PORTUGAL
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Clue, Evidence, Hypothesis, Place, Reference

ONE_PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
CANDIDATES = 12
ROW = "{:>6} {:>6} {:>10} {:>9} {:>13} {:>13}"
MAX_MB, MAX_VERIFY_SECONDS = 30.0, 3.0
CLUES = [
    Clue(id=f"c{number}", kind="text", text=f"RUA DO SINAL {number}", source="scripted")
    for number in range(20)
]


class ManyCities(ScriptedPolicy):
    """Proposes the first cities that are not excluded yet."""

    async def propose(self, situation: Situation) -> list[Hypothesis]:
        """Return as many candidates as real tools do."""
        return (await super().propose(situation))[:CANDIDATES]


class WordyEvidence(FixedEvidence):
    """Says as much about each candidate as four sources do."""

    def score(
        self,
        candidate: Place,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
    ) -> list[Evidence]:
        """Return four lines, whatever is asked about."""
        del within, references
        return [
            Evidence(
                place_id=candidate.id,
                source=source,
                log_lr=0.1,
                clue_ids=tuple(clue.id for clue in clues[:5]),
                reason=f"what {source} says of {candidate.name}, in as many words as it takes " * 2,
            )
            for source in ("names", "languages", "phones", "scripts")
        ]


def scripted_tools() -> Toolbox:
    """Return tools that cost nothing and say as much as real ones."""
    cities = [
        PORTUGAL.model_copy(
            update={
                "id": f"geonames:{n}",
                "level": "city",
                "name": f"Vila {n}",
                "city": f"Vila {n}",
            }
        )
        for n in range(1000)
    ]
    policy = ManyCities(
        {
            "continent": [(EUROPE, 0.9)],
            "country": [(PORTUGAL, 0.9)],
            "city": [(city, 0.9 / CANDIDATES) for city in cities],
        },
        clues=CLUES,
    )
    return scripted_toolbox(policy=policy, evidence=WordyEvidence())


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


async def measure(
    photo: Path | bytes, open_tools: Callable[[], Toolbox], most: int, folder: Path
) -> bool:
    """Print a line a stage; return whether the last one is as small and as quick as it must be."""
    settings = load_settings().model_copy(update={"home": folder})
    store, tools = CaseStore(settings), open_tools()
    print(ROW.format("steps", "MB", "kB a step", "trace MB", "verify CPU s", "fork adds MB"))
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
        figures = (
            str(steps),
            f"{size:.1f}",
            f"{1000 * (size - before[1]) / (steps - before[0]):.1f}",
            f"{store.trace_path('one').stat().st_size / 1e6:.1f}",
            f"{seconds:.2f}",
            f"{megabytes(path) - size:.2f}",
        )
        print(ROW.format(*figures), flush=True)
        before, wanted = (steps, size), min(max(2 * steps, wanted), most)
    return size < MAX_MB and seconds < MAX_VERIFY_SECONDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo", type=Path)
    parser.add_argument("--steps", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        open_tools = open_toolbox if arguments.photo else scripted_tools
        photo = arguments.photo or ONE_PIXEL
        is_small = asyncio.run(measure(photo, open_tools, arguments.steps, Path(folder)))
    sys.exit(0 if is_small else 1)


if __name__ == "__main__":
    main()
