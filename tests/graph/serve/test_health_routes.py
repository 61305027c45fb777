"""What probes and monitoring see."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from geoagent_graph.serve.health_routes import storage_reasons
from geoagent_graph.serve.limits import Address
from tests.support.app_client import app_client
from tests.support.serving import Live, photo, serving

TOKEN = "0123456789abcdef"


def figures(live: Live) -> dict[str, float]:
    text = live.client.get("/metrics").text
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{k}={v}" for k, v in sample.labels.items())
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def test_probes_need_no_token_and_figures_do(tmp_path: Path) -> None:
    client = app_client(tmp_path, address=Address(token=SecretStr(TOKEN)))
    assert client.get("/healthz").json() == {"status": "ok", "reasons": []}
    assert client.get("/readyz").status_code == 200
    assert client.get("/metrics").status_code == 401
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=shown).status_code == 200


def test_a_full_queue_is_not_ready_and_says_why(tmp_path: Path) -> None:
    with serving(tmp_path, limits={"running": 1, "waiting": 1}) as live:
        live.gate.opened.clear()
        live.until(live.begin(wait=False), "running")
        assert live.client.get("/readyz").status_code == 200
        live.begin(wait=False)
        busy = live.client.get("/readyz")
        assert (busy.status_code, busy.json()["status"]) == (503, "busy")
        assert busy.json()["reasons"] == ["as many cases wait as may"]
        assert live.client.post("/v1/cases", files={"photo": photo()}).status_code == 429
        assert live.client.get("/healthz").status_code == 200
        live.gate.opened.set()


def test_a_folder_that_takes_nothing_is_not_ready(tmp_path: Path) -> None:
    with app_client(tmp_path) as client:
        service = client.app.state.service  # type: ignore[attr-defined]
        service.runner.store.home = Path("/proc/geoagent/home")
        busy = client.get("/readyz")
    assert busy.status_code == 503
    (reason,) = busy.json()["reasons"]
    assert reason.startswith("cases cannot be stored (")
    assert "/proc" not in reason
    assert storage_reasons(tmp_path / "made" / "later") == ()
    assert list(tmp_path.glob("made")) == []


def test_figures_count_what_ran_and_what_runs(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        live.client.post("/v1/locate", files={"photo": photo()})
        while "geoagent_runs_total{status=answered}" not in (found := figures(live)):
            pass  # the end is counted right after it is told
        assert found["geoagent_runs_total{status=answered}"] == 1
        assert found["geoagent_run_seconds_count{}"] == 1
        live.gate.opened.clear()
        live.until(live.begin(wait=False), "running")
        assert figures(live)["geoagent_cases_running{}"] == 1
        live.gate.opened.set()
