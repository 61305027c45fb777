"""What happens when a run ends: it is counted, and told to the webhook."""

import logging

from geoagent_graph.errors import GeoAgentError
from geoagent_graph.serve.metrics import Metrics
from geoagent_graph.serve.service import Service
from geoagent_graph.serve.webhook import Webhook

_log = logging.getLogger(__name__)


async def report_ended_runs(service: Service, metrics: Metrics, webhook: Webhook | None) -> None:
    """Count and tell the runs that end, for as long as this is awaited."""
    while True:
        end = await service.runner.ends.next()
        try:
            state = await service.unwatched_state(end.name, end.branch)
        except GeoAgentError as error:
            _log.warning("%s/%s: its end was not told: %s", end.name, end.branch, error)
            continue
        metrics.count_run(state.status, end.seconds)
        if webhook is not None:
            webhook.add(state)
