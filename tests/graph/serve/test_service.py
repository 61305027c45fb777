"""The service of the routes: what is not there is a 404, and a state knows more than its trace."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException

from geoagent_graph.serve.limits import Limits
from geoagent_graph.serve.schemas import BranchState, RunStatus
from geoagent_graph.serve.service import Service
from tests.support.app_client import app_client
from tests.support.cases import begin


def service_in(folder: Path, limits: Limits | None = None) -> Service:
    app = app_client(folder, limits=limits).app
    assert isinstance(app, FastAPI)
    service: Service = app.state.service
    return service


async def test_what_is_not_there_is_a_404_with_the_branches_there_are(tmp_path: Path) -> None:
    await begin(tmp_path)
    service = service_in(tmp_path)
    with pytest.raises(HTTPException, match="none: no such case") as case:
        service.require("none", "main")
    with pytest.raises(HTTPException, match="one/two: no such branch; there is: main") as branch:
        await service.view("one", "two")
    assert str(tmp_path) not in case.value.detail
    assert (case.value.status_code, branch.value.status_code) == (404, 404)


async def test_whoever_asks_for_a_view_counts_as_watching(tmp_path: Path) -> None:
    await begin(tmp_path)
    service = service_in(tmp_path, Limits(away_seconds=600.0))
    assert service.runner.subscribers.is_away(("one", "main"))
    assert (await service.state("one")).status == "answered"
    assert not service.runner.subscribers.is_away(("one", "main"))


@pytest.mark.parametrize(
    ("stored", "runs", "problem", "shown"),
    [
        ("unfinished", None, None, "unfinished"), ("unfinished", None, "disk full", "failed"),
        ("unfinished", "running", None, "running"), ("answered", None, "disk full", "answered"),
        ("waiting", "queued", None, "queued"),
    ],
)  # fmt: skip
def test_a_branch_is_shown_as_it_stands_now(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stored: RunStatus,
    runs: str | None,
    problem: str | None,
    shown: str,
) -> None:
    service = service_in(tmp_path)
    monkeypatch.setattr(service.runner, "status", lambda case, branch: runs)
    monkeypatch.setattr(service.runner, "problem", lambda case, branch: problem)
    state = BranchState(branch="main", status=stored, steps=1)
    assert service.now("one", state).status == shown
