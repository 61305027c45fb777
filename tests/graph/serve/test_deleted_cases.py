"""Deletion over HTTP."""

from pathlib import Path

from tests.support.serving import serving


def test_a_deleted_case_is_gone_with_its_photo_also_while_it_runs(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        name = live.begin()
        assert live.client.delete(f"/v1/cases/{name}").status_code == 204
        assert live.client.get(f"/v1/cases/{name}").status_code == 404
        assert live.client.delete(f"/v1/cases/{name}").status_code == 404
        live.gate.opened.clear()
        running = live.begin(wait=False)
        live.until(running, "running")
        assert live.client.delete(f"/v1/cases/{running}").status_code == 204
        assert live.client.get("/v1/cases").json()["total"] == 0
        assert [path for path in (tmp_path / "photos").rglob("*") if path.is_file()] == []
        live.gate.opened.set()
        assert live.case(live.begin())["status"] == "answered"
