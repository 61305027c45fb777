"""Figures of one server for Prometheus, in a registry of its own."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from geoagent_graph.serve.limits import Load

if TYPE_CHECKING:
    from geoagent_graph.serve.schemas import RunStatus

METRICS_TYPE: Final = CONTENT_TYPE_LATEST
_RUN_SECONDS: Final = (0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600)


class Metrics:
    """Counts what ends, and reads what goes on when it is asked."""

    def __init__(self, load: Callable[[], Load]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_LoadNow(load))
        self._runs = Counter(
            "geoagent_runs", "Runs that ended.", ["status"], registry=self._registry
        )
        self._seconds = Histogram(
            "geoagent_run_seconds",
            "How long runs took, without their wait.",
            buckets=_RUN_SECONDS,
            registry=self._registry,
        )
        self._webhooks = Counter(
            "geoagent_webhooks", "Posts to the webhook.", ["outcome"], registry=self._registry
        )

    def count_run(self, status: "RunStatus", seconds: float) -> None:
        """Count a run that ended with this status after so many seconds."""
        self._runs.labels(status).inc()
        self._seconds.observe(seconds)

    def count_webhook(self, outcome: str) -> None:
        """Count what became of a post: `delivered`, `refused` or `lost`."""
        self._webhooks.labels(outcome).inc()

    def text(self) -> bytes:
        """Return all figures in the text format of Prometheus."""
        return generate_latest(self._registry)


class _LoadNow(Collector):
    """What a server does at the moment it is asked."""

    def __init__(self, load: Callable[[], Load]) -> None:
        self._load = load

    def collect(self) -> Iterable[GaugeMetricFamily]:
        load = self._load()
        yield GaugeMetricFamily("geoagent_cases_running", "Cases at work.", load.running)
        yield GaugeMetricFamily("geoagent_cases_waiting", "Cases that wait.", load.waiting)
        yield GaugeMetricFamily("geoagent_streams_open", "Streams of events.", load.streams)
