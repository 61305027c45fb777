"""Settings become a way to a collector, or none: nothing is sent unless an endpoint is named."""

import atexit
import functools
from typing import TYPE_CHECKING

from geoagent_graph.errors import InputError
from geoagent_graph.installation import extra_command
from geoagent_graph.settings import Settings

if TYPE_CHECKING:
    from geoagent_graph.telemetry.tracing import Tracing


def open_tracing(settings: Settings) -> "Tracing | None":
    """Return where the spans of runs go, None where the settings name no endpoint.

    There is one per endpoint and process; what waits is sent when the process ends. It is what a
    `CaseStore` takes as its observer.

    Raises:
        InputError: the endpoint is no URL, or the extra `otel` is missing.
    """
    if settings.otel_endpoint is None:
        return None
    return _one_tracing_per_endpoint(settings.otel_endpoint, settings.otel_content)


@functools.cache
def _one_tracing_per_endpoint(endpoint: str, content: bool) -> "Tracing":
    try:
        from geoagent_graph.telemetry.otlp import otlp_tracing
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("opentelemetry", "requests"):
            raise
        raise InputError(
            f"GEOAGENT_OTEL_ENDPOINT: OpenTelemetry is not installed. Run: {extra_command('otel')}"
        ) from error
    tracing = otlp_tracing(endpoint, content=content)
    atexit.register(tracing.close)
    return tracing
