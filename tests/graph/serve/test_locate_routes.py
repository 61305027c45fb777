"""One call, one answer."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geoagent_graph.errors import ToolError
from geoagent_graph.protocols import Situation
from geoagent_graph.testing import ScriptedPolicy
from geoagent_graph.types import Hypothesis
from tests.support.serving import photo, serving


def test_one_call_returns_the_answer_and_where_its_case_is(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        reply = live.client.post("/v1/locate?wait=60", files={"photo": photo()})
        assert reply.status_code == 200
        assert reply.json()["answer"]["place"]["city"] == "Lisbon"
        case = live.client.get(reply.headers["location"]).json()
        assert case["status"] == "answered"


@pytest.mark.parametrize("wait", ["0", "0.05"])
def test_a_wait_that_ends_before_the_run_says_where_to_ask(tmp_path: Path, wait: str) -> None:
    with serving(tmp_path) as live:
        live.gate.opened.clear()
        reply = live.client.post(f"/v1/locate?wait={wait}", files={"photo": photo()})
        assert reply.status_code == 202
        assert reply.json()["answer"] is None
        live.gate.opened.set()
        where = reply.headers["location"]
        assert live.client.get(f"{where}?wait=60").json()["status"] == "answered"


def test_a_run_that_fails_is_an_error_with_its_reason(tmp_path: Path) -> None:
    class Failing(ScriptedPolicy):
        async def propose(self, situation: Situation) -> list[Hypothesis]:
            raise ToolError("the model is gone")

    with serving(tmp_path, policy=Failing.towards_lisbon()) as live:
        reply = live.client.post("/v1/locate", files={"photo": photo()})
        assert reply.status_code == 500
        assert "the model is gone" in reply.json()["detail"]
        assert live.client.get(reply.headers["location"]).json()["status"] == "failed"


@pytest.mark.parametrize("wait", ["-1", "601", "nan", "x"])
def test_a_wait_out_of_bounds_is_refused_and_begins_nothing(tmp_path: Path, wait: str) -> None:
    with serving(tmp_path) as live:
        reply = live.client.post(f"/v1/locate?wait={wait}", files={"photo": photo()})
        assert reply.status_code == 422
        assert live.client.get("/v1/cases").json()["total"] == 0


def test_waiting_calls_leave_room_for_other_uploads(tmp_path: Path) -> None:
    limits = {"uploads": 1, "idle_seconds": 2.0}
    with serving(tmp_path, limits=limits) as live:
        live.gate.opened.clear()
        with ThreadPoolExecutor(1) as calls:
            waiting = calls.submit(live.client.post, "/v1/locate", files={"photo": photo()})
            while live.client.get("/v1/cases").json()["total"] == 0:
                time.sleep(0.02)
            name = live.begin(wait=False)  # its upload has a slot though the first call waits
            live.gate.opened.set()
            assert waiting.result().status_code == 200
        live.until(name, "answered")
