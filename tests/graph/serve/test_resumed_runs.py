"""A server goes on, at its start, with what its end broke off; what a person stopped stays so."""

import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.support.serving import PATIENCE_SECONDS, photo, serving
from tests.support.slow_server import slow_server


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_what_a_server_leaves_unfinished_its_next_start_ends(tmp_path: Path, sent: int) -> None:
    with slow_server(tmp_path) as (process, url):
        with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_SECONDS) as client:
            made = client.post("/v1/cases", files={"photo": photo()}).json()
        process.send_signal(sent)
        process.communicate(timeout=PATIENCE_SECONDS)
    with serving(tmp_path) as live:
        assert live.until(made["id"], "answered")["steps"] == 14
        while any((tmp_path / "serving").iterdir()):
            time.sleep(0.02)


def test_a_run_that_was_stopped_by_a_person_is_not_begun_again(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        live.gate.opened.clear()
        name = live.begin(wait=False)
        live.until(name, "running")
        live.client.post(f"/v1/cases/{name}/stop")
    with serving(tmp_path) as live:
        other = live.begin()
        assert live.case(other)["status"] == "answered"
        assert live.case(name)["status"] == "unfinished"
