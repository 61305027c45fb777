"""What the routes work with: one object per server, found through the request."""

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Path, Query, Request
from starlette.exceptions import HTTPException

from geoagent_graph.cases.custody import CaseDeed, add_deeds, is_repeated_view
from geoagent_graph.cases.filing import labels_of
from geoagent_graph.cases.names import MAIN, NAME_PATTERN
from geoagent_graph.errors import GeoAgentError, InputError
from geoagent_graph.serve.basemap import Basemap
from geoagent_graph.serve.case_runner import WAY, CaseRunner
from geoagent_graph.serve.schemas import About, BranchState, CaseState
from geoagent_graph.serve.token import PERSON_KEY
from geoagent_graph.serve.trace_cache import TraceCache, case_state

if TYPE_CHECKING:
    from geoagent_graph.cases.view import CaseView
    from geoagent_graph.geo.gazetteer import Gazetteer

_log = logging.getLogger(__name__)
CaseId = Annotated[str, Path(pattern=NAME_PATTERN, description="The case.")]
Branch = Annotated[str, Query(pattern=NAME_PATTERN, description="The branch.")]


@dataclass(frozen=True, slots=True)
class Service:
    """The cases, who works on them, what this server is, and who asks: as traces name them."""

    runner: CaseRunner
    views: TraceCache
    about: About
    gazetteer: "Gazetteer | None"
    person: str
    basemap: Basemap | None = None
    has_own_token: bool = False

    async def view(self, name: str, branch: str) -> "CaseView":
        """Return what a branch's trace says; whoever asks is interested in its run.

        Raises:
            HTTPException: 404, there is no such case or branch.
            CheckpointError: its trace is damaged or was changed.
        """
        self.require(name, branch)
        self.runner.subscribers.touch((name, branch))
        return await self.views.view(name, branch)

    async def state(self, name: str, branch: str = MAIN) -> CaseState:
        """Return a branch as it stands now.

        Raises:
            HTTPException: 404, there is no such case or branch.
            CheckpointError: its trace is damaged or was changed.
        """
        self.require(name, branch)
        self.runner.subscribers.touch((name, branch))
        return await self.unwatched_state(name, branch)

    async def unwatched_state(self, name: str, branch: str) -> CaseState:
        """Return a branch as it stands now, where whoever asks is no client.

        Raises:
            InputError: there is no such case or branch.
            CheckpointError: its trace is damaged or was changed.
        """
        view = await self.views.view(name, branch)
        branches = await self.branches(name)
        labels = labels_of(self.runner.store, name)
        state = case_state(view, branches, self.runner.problem(name, branch))
        return state.model_copy(update={"tags": labels.tags, "archived": labels.archived})

    async def note_view(self, name: str, branch: str) -> None:
        """Add to a trace that its case was viewed, unless that was said lately or its run goes on.

        A case that cannot be written now is shown all the same; the log says so.

        Raises:
            HTTPException: 404, there is no such case or branch.
            CheckpointError: its trace is damaged or was changed.
        """
        self.require(name, branch)
        if self.runner.status(name, branch) is not None:
            return
        if is_repeated_view(await self.views.view(name, branch), self.person):
            return
        await self.note_deeds(name, branch, [CaseDeed("viewed", self.person, WAY)])

    async def note_deeds(
        self, name: str, branch: str, deeds: list[CaseDeed], *, sign: bool = False
    ) -> None:
        """Add to a trace what somebody does with its case; see `note_view`."""
        try:
            await self.runner.change(
                name, branch, lambda held: add_deeds(held, deeds, sign=sign), beside_run=True
            )
        except GeoAgentError as error:
            _log.warning("%s/%s: who had it in hand is not in its trace: %s", name, branch, error)

    async def note_change(self, name: str, branch: str, what: str) -> None:
        """Add to a trace who made the change above, where people have tokens of their own."""
        if self.has_own_token:
            deed = CaseDeed("changed", self.person, WAY, what)
            await self.note_deeds(name, branch, [deed])

    def state_mark(self, name: str, branch: str = MAIN) -> object:
        """Return what is another as soon as `state` or the trace is; no trace is read for it.

        Raises:
            InputError: there is no such case or branch.
        """
        own, runner = self.views.stamp(name, branch), self.runner
        return own, [
            (b, self.views.stamp(name, b), runner.status(name, b), runner.problem(name, b))
            for b in runner.store.branches(name)
        ]

    async def branches(self, name: str) -> tuple[BranchState, ...]:
        """Return all branches of a case as they stand now."""
        found = [await self.views.branch(name, b) for b in self.runner.store.branches(name)]
        return tuple(self.now(name, state) for state in found)

    def now(self, name: str, state: BranchState) -> BranchState:
        """Return a branch with what this process knows beyond its trace."""
        status = self.runner.status(name, state.branch)
        if status is None and state.status == "unfinished":
            status = "failed" if self.runner.problem(name, state.branch) else None
        return state if status is None else state.model_copy(update={"status": status})

    def require_case(self, name: str) -> None:
        """Refuse a case that is not there; one that cannot be read is there.

        Raises:
            HTTPException: 404.
        """
        if not self.runner.store.has(name):
            raise HTTPException(404, f"{name}: no such case")

    def require(self, name: str, branch: str) -> None:
        """Refuse what is not there.

        Raises:
            HTTPException: 404.
        """
        try:
            self.runner.store.require(name, branch)
        except InputError as error:
            raise HTTPException(404, str(error)) from error


def service_of(request: Request) -> Service:
    """Return the service of the application that a request came to, for whoever asks."""
    service: Service = request.app.state.service
    person = request.scope.get(PERSON_KEY)
    return replace(service, person=person, has_own_token=True) if person else service


TheService = Annotated[Service, Depends(service_of)]
