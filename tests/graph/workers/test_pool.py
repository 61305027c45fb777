"""Workers: kept while they live, ended when they are late or nobody waits, and not shared."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from geoagent_graph.call_threads import run_in_thread
from geoagent_graph.workers.pool import WorkerPool
from geoagent_graph.workers.process import WorkerProcess
from tests.support.paths import ROOT

PATIENCE_SECONDS = 60.0
# A worker that echoes, works for ever, or tells what it is.
WORKER = """
import os, sys
sys.path.insert(0, sys.argv[1])
from geoagent_graph.workers.messages import read_requests, write_message
from geoagent_graph.workers.own_limits import end_with_parent, limit_cpu_seconds
end_with_parent(int(sys.argv[-1]))
for order, data in read_requests(sys.stdin.buffer):
    limit_cpu_seconds(order["seconds"])
    if order["task"] == "work for ever":
        print("{}", file=sys.stderr)
        open(order["begun"], "w").close()
        while True:
            pass
    if order["task"] == "die":
        os._exit(9)
    body = str(os.getpid()).encode() if order["task"] == "tell" else data
    limit_cpu_seconds(0)
    write_message(sys.stdout.buffer, {}, body)
"""


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    """Yield workers that know no setting of this process."""
    made = WorkerPool(
        lambda: WorkerProcess([sys.executable, "-I", "-S", "-c", WORKER, str(ROOT)], {})
    )
    yield made
    made.close()


def ask(pool: WorkerPool, task: str, data: bytes = b"", **more: object) -> bytes:
    """Return the body of the reply to a task."""
    order = {"task": task, "seconds": 20.0, **more}
    return pool.ask_worker(order, data, max_reply_bytes=1 << 20)[1]


def is_alive(pid: int) -> bool:
    """Return whether a process is there and no zombie."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def wait_for_end(pid: int) -> None:
    """Return when a process has ended."""
    handle = os.pidfd_open(pid) if is_alive(pid) else None
    if handle is not None:
        import select

        ended, _, _ = select.select([handle], [], [], PATIENCE_SECONDS)
        os.close(handle)
        assert ended


def test_one_worker_answers_again_and_again(pool: WorkerPool) -> None:
    data = os.urandom(300_000)
    assert ask(pool, "echo", data) == data
    assert ask(pool, "tell") == ask(pool, "tell")


def test_a_worker_outlives_the_thread_that_first_asked_it(pool: WorkerPool) -> None:
    told: list[bytes] = []
    thread = threading.Thread(target=lambda: told.append(ask(pool, "tell")))
    thread.start()
    thread.join()
    assert ask(pool, "tell") == told[0]


def test_too_much_cpu_time_is_late_and_a_death_is_none(pool: WorkerPool, tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        ask(pool, "work for ever", begun=str(tmp_path / "begun"), seconds=0.05)
    with pytest.raises(EOFError):
        ask(pool, "die")
    assert ask(pool, "echo", b"x") == b"x"


async def test_a_cancelled_request_ends_its_worker(pool: WorkerPool, tmp_path: Path) -> None:
    pid = int(await run_in_thread(ask, pool, "tell"))
    begun = tmp_path / "begun"
    os.mkfifo(begun)  # the worker's opening it waits for ours
    asking = asyncio.create_task(run_in_thread(ask, pool, "work for ever", begun=str(begun)))
    await asyncio.to_thread(begun.read_bytes)
    asking.cancel()
    await asyncio.wait([asking])
    await asyncio.to_thread(wait_for_end, pid)
    assert int(await run_in_thread(ask, pool, "tell")) != pid


def test_a_worker_that_was_ended_is_not_asked_again(pool: WorkerPool) -> None:
    ask(pool, "tell")
    pool._idle[0].kill()
    with pytest.raises(EOFError):
        ask(pool, "tell")
    assert ask(pool, "echo", b"x") == b"x"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends it")
def test_a_worker_ends_with_its_parent_in_the_middle_of_work(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    code = (
        "import sys, os, threading\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from tests.graph.workers.test_pool import WORKER\n"
        "from geoagent_graph.workers.process import WorkerProcess\n"
        f"w = WorkerProcess([sys.executable, '-I', '-S', '-c', WORKER, {str(ROOT)!r}], {{}})\n"
        "print(w._process.pid, flush=True)\n"
        f"order = {{'task': 'work for ever', 'seconds': 20.0, 'begun': {str(begun)!r}}}\n"
        "w.ask(order, b'', max_reply_bytes=9)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        begun.read_bytes()
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_for_end(pid)
    assert not is_alive(pid)
