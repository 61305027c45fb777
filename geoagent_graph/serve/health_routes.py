"""What orchestrators and monitoring ask: alive, ready, and how much is done."""

import tempfile
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Request, Response

from geoagent_graph.call_threads import run_in_thread
from geoagent_graph.serve.metrics import METRICS_TYPE, Metrics
from geoagent_graph.serve.schemas import Health
from geoagent_graph.serve.service import TheService

router = APIRouter(tags=["health"])
OPEN_PATHS = frozenset({"/healthz", "/readyz"})  # probes have no token

_TRIED_BYTES: Final = 1 << 16


@router.get("/healthz", summary="Whether the server is alive")
async def healthz() -> Health:
    """Always `ok` while the server answers at all; no token is asked for."""
    return Health(status="ok")


@router.get(
    "/readyz",
    summary="Whether the server takes photos",
    responses={503: {"description": "Not now; `reasons` say why", "model": Health}},
)
async def readyz(service: TheService, response: Response) -> Health:
    """`ok` where a photo would be taken now, else 503 with the reasons; no token is asked for."""
    unwritable = await run_in_thread(storage_reasons, service.runner.store.home)
    reasons = (*service.runner.busy_reasons(), *unwritable)
    status: Literal["ok", "busy"] = "busy" if reasons else "ok"
    response.status_code = 503 if reasons else 200
    return Health(status=status, reasons=reasons)


def storage_reasons(home: Path) -> tuple[str, ...]:
    """Return why no case can be stored in a folder, or in the one that it would be made in."""
    there = next(folder for folder in (home, *home.parents) if folder.is_dir())
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"\0" * _TRIED_BYTES)
            file.flush()
    except OSError as error:
        return (f"cases cannot be stored ({error.strerror})",)
    return ()


def metrics_of(request: Request) -> Metrics:
    """Return the metrics of the application that a request came to."""
    metrics: Metrics = request.app.state.metrics
    return metrics


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"description": "Prometheus text", "content": {"text/plain": {}}}},
)
async def metrics(of_app: Annotated[Metrics, Depends(metrics_of)]) -> Response:
    """Cases begun, runs ended by status, their seconds, and what runs and waits now."""
    return Response(of_app.text(), headers={"Content-Type": METRICS_TYPE})
