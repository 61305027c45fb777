"""Goes on, at the start of a server, with the runs that its end broke off."""

import logging
from typing import Final

from starlette.exceptions import HTTPException

from geoagent_graph.errors import GeoAgentError
from geoagent_graph.serve.case_runner import RunRequest
from geoagent_graph.serve.service import Service

_log = logging.getLogger(__name__)
_TOLD: Final = 3  # a folder that takes nothing would be said of every run


async def resume_broken_off_runs(service: Service) -> None:
    """Resume every marked run that has not ended; one that cannot be is left to whoever asks."""
    failed = 0
    for name, branch in service.runner.marks.found():
        try:
            state = await service.unwatched_state(name, branch)
            is_trip = len(state.branches) > 1  # its photos may not be weighed together yet
            if state.status == "unfinished" or (state.status == "answered" and is_trip):
                await service.runner.resume(name, branch, RunRequest())
            else:
                service.runner.marks.remove(name, branch)
        except (GeoAgentError, HTTPException) as error:
            failed += 1
            if failed <= _TOLD:
                _log.warning("%s/%s: its run was not resumed: %s", name, branch, error)
    if failed > _TOLD:
        _log.warning("%d more runs were not resumed", failed - _TOLD)
