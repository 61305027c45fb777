"""Runs behind `geoagent serve`: their turn, their listeners, their end."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Never

import httpx
import pytest
from fastapi import FastAPI

from geoagent_graph.errors import CaseHeld
from geoagent_graph.protocols import Situation
from geoagent_graph.serve.case_runner import CaseRunner
from geoagent_graph.types import Hypothesis
from tests.support.cases import store_in, tools
from tests.support.serving import PATIENCE_SECONDS, Event, Live, parsed, photo, serving, upto_state
from tests.support.slow_server import slow_server


def test_cases_beyond_the_limit_wait_for_their_turn(tmp_path: Path) -> None:
    with serving(tmp_path, limits={"running": 1, "waiting": 2}) as live:
        live.gate.opened.clear()
        first = live.begin(wait=False)
        live.until(first, "running")
        second, third = live.begin(wait=False), live.begin(wait=False)
        assert {live.case(second)["status"], live.case(third)["status"]} == {"queued"}
        refused = live.client.post("/v1/cases", files={"photo": photo()})
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert live.client.get("/v1/cases").json()["total"] == 3  # nothing was stored of it
        live.client.post(f"/v1/cases/{third}/stop")
        assert live.case(third)["status"] == "unfinished"
        live.gate.opened.set()
        for name in (first, second):
            assert live.until(name, "answered")["steps"] == 14
        assert live.case(third)["steps"] == 0


def runner_of(live: Live) -> CaseRunner:
    """Return what runs the cases of a server."""
    app = live.server.config.app
    assert isinstance(app, FastAPI)
    runner = app.state.runner
    assert isinstance(runner, CaseRunner)
    return runner


AWAY_SECONDS = 0.2  # by the clock of the tests; the server looks four times as often, by its own


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock by which somebody is away too long; it stands until a test moves it."""
    seconds = [0.0]
    monkeypatch.setattr("geoagent_graph.serve.subscribers.monotonic", lambda: seconds[0])
    return seconds


def test_a_client_that_goes_away_cancels_its_work(tmp_path: Path, now: list[float]) -> None:
    with serving(tmp_path, limits={"away_seconds": AWAY_SECONDS}) as live:
        live.gate.opened.clear()
        name = live.begin(wait=False)
        with live.events(name) as stream:
            while next(stream).kind != "step":
                pass
            now[0] += 10 * AWAY_SECONDS  # it listens, however long
            time.sleep(AWAY_SECONDS)  # the server looks several times
            assert runner_of(live).subscribers.listeners == 1
        status = "running"
        end = time.monotonic() + PATIENCE_SECONDS
        while status == "running" and time.monotonic() < end:
            now[0] += 2 * AWAY_SECONDS
            time.sleep(0.05)
            listed = live.client.get("/v1/cases").json()["cases"]  # a list is no look at a case
            status = listed[0]["branches"][0]["status"]
        assert status == "unfinished"
        live.gate.opened.set()
        time.sleep(AWAY_SECONDS)
        assert live.gate.passed == 0  # nothing goes on behind its back
        with live.events(name) as stream:  # it comes back: so does its run
            events = upto_state(stream, "answered")
        ids = [int(event.id) for event in events if event.id is not None]
        assert ids == list(range(16))


def test_a_run_goes_on_though_nobody_watches(tmp_path: Path, now: list[float]) -> None:
    with serving(tmp_path) as live:
        live.gate.opened.clear()
        name = live.begin(wait=False)
        live.until(name, "running")
        now[0] += 1e6
        live.gate.opened.set()
        status = ""
        while status != "answered":
            time.sleep(0.02)
            listed = live.client.get("/v1/cases").json()["cases"]  # a list is no look at a case
            status = listed[0]["branches"][0]["status"]
        assert live.case(name)["answer"]["place"]["city"] == "Lisbon"


def test_asking_for_a_case_keeps_its_run_alive(tmp_path: Path, now: list[float]) -> None:
    with serving(tmp_path, limits={"away_seconds": AWAY_SECONDS}) as live:
        live.gate.opened.clear()
        name = live.begin(wait=False)
        for _ in range(20):
            now[0] += 0.9 * AWAY_SECONDS
            time.sleep(AWAY_SECONDS / 8)  # every other time the server looks in between
            assert live.case(name)["status"] == "running"


def test_a_stop_stays_stopped_when_someone_listens(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        live.gate.opened.clear()
        name = live.begin(wait=False)
        live.until(name, "running")
        live.client.post(f"/v1/cases/{name}/stop")
        live.gate.opened.set()
        with live.events(name) as stream:
            upto_state(stream, "unfinished")
        time.sleep(0.3)
        assert live.case(name)["status"] == "unfinished"


def test_a_reload_in_the_middle_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        live.gate.opened.clear()
        name = live.begin(wait=False)
        taken: list[Event] = []
        with live.events(name) as stream:
            while len(taken) < 2:
                taken.append(next(stream))
        live.gate.opened.set()
        last = [event.id for event in taken if event.id is not None][-1]
        with live.events(name, **{"Last-Event-ID": last}) as stream:
            taken += upto_state(stream, "answered")
        ids = [int(event.id) for event in taken if event.id is not None]
        assert ids == list(range(16))


def test_a_fork_of_a_running_branch_waits_and_then_runs(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        name = live.begin(wait=False, ask="always")
        live.until(name, "waiting")
        live.gate.opened.clear()
        live.client.post(f"/v1/cases/{name}/answer", json={"kind": "accept"})
        live.until(name, "running")
        made = live.client.post(f"/v1/cases/{name}/fork", json={"at_step": 4, "name": "other"})
        assert (made.status_code, made.json()["status"]) == (201, "queued")
        assert live.case(name)["status"] == "running"  # it was not disturbed
        live.gate.opened.set()
        live.until(name, "waiting")
        live.until(name, "waiting", "other")
        for branch in ("main", "other"):
            held = live.client.get(f"/v1/cases/{name}/verify", params={"branch": branch}).json()
            assert held["holds"], held


def test_a_change_of_another_branch_interrupts_and_the_run_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        name = live.begin()
        live.client.post(f"/v1/cases/{name}/fork", json={"at_step": 8, "name": "other"})
        live.until(name, "answered", "other")
        live.gate.opened.clear()
        live.client.post(f"/v1/cases/{name}/veto", json={"place": "Lisbon", "because": "x"})
        live.until(name, "running")
        noted = live.client.post(
            f"/v1/cases/{name}/notes", params={"branch": "other"}, json={"text": "seen"}
        )
        assert noted.status_code == 202
        live.until(name, "running")
        live.gate.opened.set()
        live.until(name, "answered")
        assert live.client.get(f"/v1/cases/{name}/verify").json()["holds"]


def test_a_case_held_by_another_process_is_a_conflict(tmp_path: Path) -> None:
    holder = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "import filelock\n"
        "lock = filelock.FileLock(Path(sys.argv[1]) / 'lock'); lock.acquire()\n"
        "print('held', flush=True); sys.stdin.read()\n"
    )
    with serving(tmp_path) as live:
        name = live.begin()
        with subprocess.Popen(
            [sys.executable, "-c", holder, str(tmp_path / "cases" / name), "."],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            for path, body in (
                ("veto", {"place": "Lisbon", "because": "x"}),
                ("fork", {"at_step": 4}),
                ("notes", {"text": "x"}),
                ("resume", {}),
            ):
                refused = live.client.post(f"/v1/cases/{name}/{path}", json=body)
                assert refused.status_code == 409, path
                assert "another process works on it" in refused.json()["detail"]
            assert live.client.get(f"/v1/cases/{name}").status_code == 200  # reading needs no lock
            other.communicate(b"")
        assert live.client.post(f"/v1/cases/{name}/notes", json={"text": "x"}).status_code == 202


def test_a_held_case_is_an_error_of_its_own(tmp_path: Path) -> None:
    async def twice() -> None:
        store = store_in(tmp_path)
        async with store.create(photo()[1], tools(), name="one"):
            with pytest.raises(CaseHeld):
                async with store.hold("one", tools()):
                    pass

    asyncio.run(twice())


def test_a_failed_run_says_why_and_goes_on(tmp_path: Path) -> None:
    from geoagent_graph.errors import PolicyError
    from geoagent_graph.testing import ScriptedPolicy

    class Failing(ScriptedPolicy):
        fails = True

        async def propose(self, situation: Situation) -> list[Hypothesis]:
            if Failing.fails:
                raise PolicyError("the server <b>gave</b> no reply")
            return await super().propose(situation)

    with serving(tmp_path, policy=Failing.towards_lisbon()) as live:
        name = live.begin(wait=False)
        with live.events(name) as stream:
            events = upto_state(stream, "failed")
        assert [event.data["error"] for event in events if event.kind == "failure"] == [
            "PolicyError"
        ]
        assert events[-1].data["problem"] == "the server <b>gave</b> no reply"
        Failing.fails = False
        live.client.post(f"/v1/cases/{name}/resume")
        live.until(name, "answered")
        assert live.case(name)["problem"] is None


def test_a_defect_ends_its_run_and_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from geoagent_graph.testing import ScriptedPolicy

    class Broken(ScriptedPolicy):
        async def propose(self, situation: Situation) -> Never:
            raise ZeroDivisionError("secret detail")

    with serving(tmp_path, policy=Broken.towards_lisbon()) as live:
        for _ in range(3):
            name = live.begin(wait=False)
            case = live.until(name, "failed")
            assert case["problem"] == "a defect ended the run; the server's log has more"
    assert "ZeroDivisionError" in caplog.text


def test_a_reader_that_does_not_read_is_dropped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def notes(case_name: str) -> None:
        async with store_in(tmp_path).hold(case_name, tools()) as case:
            for _ in range(120):  # 1.2 MB of events: more than the sockets hold
                await case.note("x" * 10_000)

    with serving(tmp_path, limits={"send_seconds": 0.5}) as live:
        name = live.begin()
        asyncio.run(notes(name))
        host, port = live.url.removeprefix("http://").strip("/").split(":")
        with socket.socket() as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.connect((host, int(port)))
            lazy.sendall(f"GET /v1/cases/{name}/events HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            runner = runner_of(live)
            end = time.monotonic() + PATIENCE_SECONDS
            while runner.subscribers.listeners == 0 and time.monotonic() < end:
                time.sleep(0.01)
            live.begin()  # others are served meanwhile
            while runner.subscribers.listeners and time.monotonic() < end:
                time.sleep(0.02)
            assert runner.subscribers.listeners == 0
            live.client.close()
            end = time.monotonic() + PATIENCE_SECONDS
            while live.server.server_state.connections and time.monotonic() < end:
                time.sleep(0.02)
            assert not live.server.server_state.connections  # cut off, not waited for
            lazy.settimeout(5)
            with pytest.raises(ConnectionResetError):  # nothing is kept for it
                b"".join(iter(lambda: lazy.recv(65536), b""))
        # it comes back and reads: everything is there
        with (
            httpx.Client(base_url=live.url, trust_env=False, timeout=PATIENCE_SECONDS) as client,
            client.stream("GET", f"/v1/cases/{name}/events") as reply,
        ):
            events = upto_state(parsed(reply.iter_lines()), "answered")
        ids = [int(event.id) for event in events if event.id is not None]
        assert ids == list(range(16 + 120))
    assert "Traceback" not in caplog.text
    assert not [r for r in caplog.records if r.levelname in ("ERROR", "CRITICAL")]


def test_clients_that_hang_up_leave_no_trace_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tmp_path) as live:
        name = live.begin()
        host, port = live.url.removeprefix("http://").strip("/").split(":")
        upload = (
            f"POST /v1/cases HTTP/1.1\r\nHost: {host}\r\nContent-Length: 50000\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\nabc'
        )
        requests = (
            f"GET /v1/cases/{name}/events HTTP/1.1\r\nHost: {host}\r\n\r\n",
            f"GET /v1/map/world?scale=10m HTTP/1.1\r\nHost: {host}\r\n\r\n",
            upload,
            "GET / HT",
        )
        for request in requests:
            with socket.create_connection((host, int(port))) as client:
                client.sendall(request.encode())
                time.sleep(0.1)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        time.sleep(0.3)
        assert live.client.get("/v1/cases").json()["total"] == 1  # the upload left nothing
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


def test_streams_are_bounded_and_end_with_their_time(tmp_path: Path) -> None:
    with serving(tmp_path, limits={"streams": 2, "stream_seconds": 3.0}) as live:
        name = live.begin()
        with live.events(name) as one, live.events(name):
            next(one)
            refused = live.client.get(f"/v1/cases/{name}/events")
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
            assert list(one)[-1].kind == "state"  # it ends by itself
        with live.events(name) as again:
            next(again)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_streams_and_leaves_cases_to_resume(tmp_path: Path, sent: int) -> None:
    with slow_server(tmp_path / "home") as (process, url):
        with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_SECONDS) as client:
            made = client.post("/v1/cases", files={"photo": photo()}).json()
            where = f"/v1/cases/{made['id']}/events"
            with client.stream("GET", where) as reply:
                events = parsed(reply.iter_lines())
                while next(events).kind != "step":
                    pass
                process.send_signal(sent)
                assert [event.kind for event in events if event.kind != "step"] in ([], ["state"])
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == (0 if sent == signal.SIGINT else -sent)
        assert b"Traceback" not in errors
        assert b"ERROR" not in errors
    assert _finished_elsewhere(tmp_path / "home", made["id"]) == 14


def _finished_elsewhere(home: Path, name: str) -> int:
    """Return how many steps a case has after another process has gone on with it."""

    async def finish() -> None:
        async with store_in(home).hold(name, tools()) as case:
            async for _ in case.run():
                pass

    asyncio.run(finish())
    lines = store_in(home).trace_text(name).splitlines()
    return sum(json.loads(line)["event"] == "step" for line in lines)


def test_one_server_at_a_time_changes_a_case_and_both_show_it(tmp_path: Path) -> None:
    with serving(tmp_path) as one, serving(tmp_path) as other:
        one.gate.opened.clear()
        name = one.begin(wait=False)
        one.until(name, "running")
        assert other.client.post(f"/v1/cases/{name}/resume").status_code == 409
        with other.events(name) as stream:
            one.gate.opened.set()
            events = upto_state(stream, "answered")  # written by the other process, shown here
        assert [int(e.id) for e in events if e.id is not None] == list(range(16))
