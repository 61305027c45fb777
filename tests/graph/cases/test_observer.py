"""Whoever is handed to the store sees every run of its cases, all of it and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path

from geoagent_graph.cases.events import TraceEvent
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.settings import Settings
from tests.support.cases import photo_bytes, tools


class Notebook:
    """Writes down what it sees."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, list[str]]] = []

    async def watch_run(
        self, trace: Path, events: AsyncIterator[TraceEvent]
    ) -> AsyncIterator[TraceEvent]:
        seen: list[str] = []
        self.runs.append((trace.name, seen))
        async for event in events:
            seen.append(event.event)
            yield event


async def test_an_observer_sees_the_runs_of_every_branch(tmp_path: Path) -> None:
    notebook = Notebook()

    store = CaseStore(Settings(home=tmp_path), notebook)
    async with store.create(photo_bytes(), tools(), name="one") as case:
        first = [event.event async for event in case.run(one_step=True)]
        rest = [event.event async for event in case.run()]
        branch = await case.fork(4)
        await case.note("a note is no run")
        fork = [event.event async for event in (await case.at(branch)).run()]
    assert notebook.runs == [
        ("main.geotrace.jsonl", first),
        ("main.geotrace.jsonl", rest),
        ("branch.geotrace.jsonl", fork),
    ]
    assert (first[0], rest[-1], fork[-1]) == ("step", "answer", "answer")
