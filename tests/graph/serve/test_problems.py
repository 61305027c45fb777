"""Errors are problems of one safe line: the right status, no traceback, no echo of the input."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Query
from starlette.testclient import TestClient

from geoagent_graph.errors import (
    CaseHeld,
    CheckpointError,
    InputError,
    PhotoError,
    PlaceNotFound,
    PolicyError,
    StorageError,
)
from geoagent_graph.serve.headers import ALWAYS
from geoagent_graph.serve.problems import install, problem_responses, too_many
from tests.support.answers import HOSTILE


def client_of(fail: Callable[[], Exception]) -> TestClient:
    app = FastAPI()
    install(app)

    @app.get("/fail")
    async def route() -> None:
        raise fail()

    @app.get("/check")
    async def check(number: Annotated[int, Query(ge=1)]) -> int:
        return number

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CaseHeld("held"), 409), (PlaceNotFound("no place"), 404), (InputError("bad"), 422),
        (PhotoError("no photo"), 422), (CheckpointError("changed"), 409),
        (StorageError("full"), 507), (PolicyError("gone"), 500),
    ],
)  # fmt: skip
def test_each_class_of_error_has_its_status(error: Exception, status: int) -> None:
    reply = client_of(lambda: error).get("/fail")
    assert reply.headers["content-type"] == "application/problem+json"
    assert (reply.status_code, reply.json()["status"]) == (status, status)
    assert reply.json()["detail"] == str(error)


def test_a_defect_tells_nothing_of_itself_and_has_the_headers() -> None:
    reply = client_of(lambda: ZeroDivisionError("secret /home/anna")).get("/fail")
    assert reply.status_code == 500
    assert reply.json()["detail"] == "a defect of this server; its log has more"
    assert "secret" not in reply.text
    assert all(reply.headers[name] == value for name, value in ALWAYS.items())


def test_a_hostile_or_endless_detail_becomes_one_safe_line() -> None:
    detail: str = (
        client_of(lambda: InputError(HOSTILE + "\n" + "x" * 5000)).get("/fail").json()["detail"]
    )
    assert not {"\x1b", "\u202e", "\n"} & set(detail)
    assert len(detail) == 1000


def test_wrong_input_is_named_and_not_repeated() -> None:
    reply = client_of(ValueError).get("/check", params={"number": "SECRET"})
    assert reply.status_code == 422
    assert reply.json()["detail"].startswith("number: must be a whole number")
    assert "SECRET" not in reply.text


def test_too_many_says_when_to_come_back() -> None:
    reply = client_of(lambda: too_many("slow down", 7)).get("/fail")
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")
    described: dict[int | str, dict[str, Any]] = problem_responses(404, 429)
    assert [entry["description"] for entry in described.values()] == [
        "Not Found", "Too Many Requests",
    ]  # fmt: skip
