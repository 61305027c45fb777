"""`geoagent export --otel`: a case goes to an OpenTelemetry collector, from its trace alone."""

from typing import TYPE_CHECKING

from geoagent_graph.errors import ToolError
from geoagent_graph.safe_text import visible
from geoagent_graph.settings import load_settings

if TYPE_CHECKING:
    from geoagent_graph.cases.view import CaseView


def send_spans(view: "CaseView", endpoint: str) -> None:
    """Send the spans of a branch, each of its steps once, also of runs that were killed.

    Raises:
        InputError: the endpoint is no URL, or the extra `otel` is missing.
        ToolError: the collector did not take them.
    """
    from geoagent_graph.telemetry.open_tracing import open_tracing

    settings = load_settings().model_copy(update={"otel_endpoint": endpoint})
    tracing = open_tracing(settings)
    assert tracing is not None
    tracing.replay(view)
    if not tracing.close():
        raise ToolError(f"--otel {visible(endpoint, 200)}: the collector did not take the spans")
