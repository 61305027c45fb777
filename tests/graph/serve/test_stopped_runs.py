"""Runs that were stopped: what they still do holds their slots, and nobody else waits for it."""

import contextlib
import os
import threading
from pathlib import Path

from geoagent_graph.call_threads import on_cancel
from geoagent_graph.protocols import TextLine
from tests.support.serving import PATIENCE_SECONDS, Live, serving

STOPPED_RUNS = min(32, (os.cpu_count() or 1) + 4)  # as many as a loop's own executor has threads


class BusyReader:
    """A text reader that works until it is let go, or is ended where it can be."""

    def __init__(self, *, can_be_ended: bool) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.can_be_ended = can_be_ended

    def read(self, pixels: object) -> list[TextLine]:
        """Return no line, late."""
        ended = threading.Event()
        with on_cancel(ended.set) if self.can_be_ended else contextlib.nullcontext():
            self.begun.release()
            waiting = ended if self.can_be_ended else self.let_go
            assert waiting.wait(PATIENCE_SECONDS)
        return []


def begin_and_stop(live: Live, reader: BusyReader) -> str:
    """Return a case that was stopped while its photo was read."""
    name = live.begin(wait=False)
    assert reader.begun.acquire(timeout=PATIENCE_SECONDS)
    live.client.post(f"/v1/cases/{name}/stop")
    return name


def test_stopped_runs_that_cannot_be_ended_keep_their_slots_and_nothing_else(
    tmp_path: Path,
) -> None:
    reader = BusyReader(can_be_ended=False)
    limits = {"running": STOPPED_RUNS}
    with serving(tmp_path, limits=limits, text_reader=reader) as live:
        live.client.timeout = 20.0
        try:
            names = [begin_and_stop(live, reader) for _ in range(STOPPED_RUNS)]
            assert live.client.get("/v1/search", params={"q": "Lisbon"}).status_code == 200
            assert live.client.get(f"/v1/cases/{names[0]}/photo").status_code == 200
            assert live.client.get("/v1/map/world", params={"scale": "110m"}).status_code == 200
            last = live.begin(wait=False)
            assert live.case(last)["status"] == "queued"  # their work still goes on
        finally:
            reader.let_go.set()
        live.until(last, "answered")


def test_stopped_runs_that_can_be_ended_free_their_slots(tmp_path: Path) -> None:
    reader = BusyReader(can_be_ended=True)
    with serving(tmp_path, limits={"running": 1}, text_reader=reader) as live:
        for _ in range(3):  # the next begins at once
            begin_and_stop(live, reader)


def test_a_reader_over_its_budget_is_left_out_and_the_run_goes_on(tmp_path: Path) -> None:
    reader = BusyReader(can_be_ended=True)
    with serving(tmp_path, text_reader=reader, tool_seconds=0.01) as live:
        name = live.begin()
        step = live.client.get(f"/v1/cases/{name}/steps/0").json()["step"]
        (call,) = [call for call in step["tools"] if call["tool"] == "text_reader"]
        assert (call["result"], "0.01 s of CPU time" in call["error"]) == ("failed", True)
        assert live.client.get(f"/v1/cases/{name}/answer").json()["warnings"] == [
            f"text_reader failed, the answer goes without it: {call['error']}"
        ]
