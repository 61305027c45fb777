"""Over HTTP cases are found, tagged, put away and renamed, and say who had them in hand."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from geoagent_graph.cases import custody
from tests.support.app_client import app_client
from tests.support.cases import begin, store_in


@pytest.fixture
async def client(tmp_path: Path) -> TestClient:
    """Return a client of a server with two answered cases."""
    await begin(tmp_path, "one")
    await begin(tmp_path, "two")
    return app_client(tmp_path)


def names(client: TestClient, **query: Any) -> list[str]:
    return sorted(row["id"] for row in client.get("/v1/cases", params=query).json()["cases"])


def test_cases_are_tagged_found_and_put_away(client: TestClient) -> None:
    filed = client.patch("/v1/cases/one", json={"add_tags": ["Desk 3"], "archived": True})
    assert filed.status_code == 200
    assert (filed.json()["tags"], filed.json()["archived"]) == (["Desk 3"], True)
    assert names(client) == ["two"]
    assert client.get("/v1/cases").json()["archived"] == 1
    assert names(client, filed="archived") == ["one"]
    assert names(client, filed="all", q="lisbon photo") == ["one", "two"]
    assert names(client, filed="all", tag="desk 3") == ["one"]
    assert names(client, since="2999-01-01") == []
    assert client.patch("/v1/cases/two", json={"remove_tags": ["x"]}).status_code == 422
    assert client.patch("/v1/cases/two", json={"add_tags": [""]}).status_code == 422
    assert client.patch("/v1/cases/three", json={}).status_code == 404


def test_a_case_is_renamed_and_found_under_its_new_address(client: TestClient) -> None:
    renamed = client.patch("/v1/cases/one", json={"name": "bridge"})
    assert renamed.status_code == 200
    assert renamed.headers["location"] == "/v1/cases/bridge"
    assert renamed.json()["id"] == "bridge"
    assert client.get("/v1/cases/one").status_code == 404
    report = client.get("/v1/cases/bridge/report", params={"format": "md"})
    assert 'filename="bridge-main.md"' in report.headers["content-disposition"]
    assert client.patch("/v1/cases/bridge", json={"name": "two"}).status_code == 422
    assert client.patch("/v1/cases/bridge", json={"name": "../x"}).status_code == 422
    assert client.get("/v1/cases/bridge/verify").json()["holds"]


def test_views_and_downloads_are_in_the_trace(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_in(tmp_path)
    client.get("/v1/cases/one")
    assert all(event.event != "custody" for event in store.read("one").events)  # as it was begun
    monkeypatch.setattr(custody, "MIN_MINUTES_BETWEEN_VIEWS", 0.0)
    client.get("/v1/cases/one")
    monkeypatch.undo()
    for _ in range(3):
        client.get("/v1/cases/one")
        client.get("/v1/cases/one/trace")
    store.keys.create("Ana")
    handed = client.get("/v1/cases/one/report", params={"format": "jsonl"})
    said = [(e.action, e.way) for e in store.read("one").events if e.event == "custody"]
    assert said == [("viewed", "server"), ("handed_on", "server")]
    assert handed.text == store.trace_text("one")
    assert '"event":"signature"' in handed.text.splitlines()[-1]
    verified = client.get("/v1/cases/one/verify").json()
    assert any("signed by Ana" in words for words in verified["checked"])
    client.post("/v1/cases/one/notes", json={"text": "a bridge"})
    assert names(client, q="bridge") == ["one"]


def test_a_token_is_somebody() -> None:
    from geoagent_graph.cli.serve import client_name
    from geoagent_graph.serve.limits import Address

    assert client_name(Address()) == "loopback"
    assert client_name(Address(token=SecretStr("x" * 32))) == "whoever has the token"
