"""Two people with tokens of their own leave two names in a trace."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from geoagent_graph.errors import InputError
from geoagent_graph.serve.limits import Address
from geoagent_graph.serve.token_file import add_token, remove_token
from tests.support.cases import store_in
from tests.support.serving import serving


@contextlib.contextmanager
def _browser(url: str, token: str) -> Iterator[httpx.Client]:
    """Yield a client that has signed in as a browser does, by its cookie."""
    with httpx.Client(base_url=url, trust_env=False) as browser:
        assert browser.get(f"/?token={token}").status_code == 303
        yield browser


def test_two_people_leave_two_names(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    ana, bo = add_token(path, "Ana"), add_token(path, "Bo")
    with serving(tmp_path, address=Address(port=0, tokens=path)) as live:
        assert live.client.get("/v1/cases").status_code == 401
        live.client.headers["Authorization"] = f"Bearer {ana}"
        name = live.begin()
        with _browser(live.url, bo) as browser:
            assert browser.get(f"/v1/cases/{name}").status_code == 200
            noted = browser.post(f"/v1/cases/{name}/notes", json={"text": "a bridge"})
            assert noted.status_code == 202
            taken = browser.get(f"/v1/cases/{name}/report", params={"format": "geojson"})
            assert taken.status_code == 200
        handed = live.client.get(f"/v1/cases/{name}/report", params={"format": "jsonl"})
        assert handed.status_code == 200
        renamed = live.client.patch(f"/v1/cases/{name}", json={"name": "bridge"})
        assert renamed.status_code == 200
        remove_token(path, "Bo")
        with httpx.Client(base_url=live.url, trust_env=False) as late:
            late.headers["Authorization"] = f"Bearer {bo}"
            assert late.get("/v1/cases").status_code == 401
    events = store_in(tmp_path).read("bridge").events
    began = [event.person for event in events if event.event == "case"]
    notes = [event.person for event in events if event.event == "note"]
    deeds = [(e.person, e.action, e.detail) for e in events if e.event == "custody"]
    assert (began, notes) == (["Ana"], ["Bo"])
    assert deeds == [
        ("Bo", "viewed", ""),
        ("Bo", "exported", "geojson"),
        ("Ana", "handed_on", "jsonl"),
        ("Ana", "renamed", "bridge"),
    ]


def test_one_token_for_all_and_one_for_each_do_not_go_together(tmp_path: Path) -> None:
    shared: Any = SecretStr("0123456789abcdef")
    with pytest.raises(InputError, match="not both"):
        Address(token=shared, tokens=tmp_path / "tokens.json")


def test_others_are_let_in_by_tokens_of_their_own(tmp_path: Path) -> None:
    assert Address(host="0.0.0.0", tokens=tmp_path / "tokens.json").needs_token


def test_changes_carry_the_name_of_who_made_them(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    ana, bo = add_token(path, "Ana"), add_token(path, "Bo")
    with serving(tmp_path, address=Address(port=0, tokens=path)) as live:
        live.client.headers["Authorization"] = f"Bearer {ana}"
        name = live.begin()
        clue = {"kind": "clue", "text": "RUA AUGUSTA"}
        assert live.client.post(f"/v1/cases/{name}/clues", json=clue).status_code == 202
        live.until(name, "answered")
        live.client.headers["Authorization"] = f"Bearer {bo}"
        assert live.client.post(f"/v1/cases/{name}/undo").status_code == 202
        live.until(name, "answered")
        assert live.client.get(f"/v1/cases/{name}/verify").json()["holds"]
    events = store_in(tmp_path).read(name).events
    told = [(e.event, getattr(e, "person", None), getattr(e, "detail", "")) for e in events]
    changes = [(person, detail) for event, person, detail in told if event == "custody"]
    assert changes == [("Ana", "clue: clue"), ("Bo", "undo")]
    for at, (event, _, _) in enumerate(told):
        if event == "human":
            assert [event for event, _, _ in told[at : at + 3]] == ["human", "step", "custody"]
