"""Cases as they stand: read from their traces, each version of a trace once."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from weakref import WeakValueDictionary

from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.summary import BranchSummary, CaseSummary, summary_of
from geoagent_graph.cases.view import CaseView
from geoagent_graph.errors import InputError
from geoagent_graph.questions import positions_in_force
from geoagent_graph.render.next_steps import case_words, next_steps
from geoagent_graph.render.wording import headline, trip_headline
from geoagent_graph.serve.route_threads import run_for_route
from geoagent_graph.serve.schemas import BranchState, CaseRow, CaseState
from geoagent_graph.types import Exclusion, Hypothesis

MAX_VIEWS = 128
MAX_VIEW_BYTES = 32 << 20  # of trace files; a view takes some times its file
MAX_ROWS = 10_000
Stamp = tuple[int, int, int]


class TraceCache:
    """Reads traces for the routes; a trace is read again only after it has grown."""

    def __init__(self, store: CaseStore) -> None:
        self._store = store
        self._views: OrderedDict[tuple[str, str], tuple[Stamp, CaseView]] = OrderedDict()
        self._states: OrderedDict[tuple[str, str], tuple[Stamp, BranchState]] = OrderedDict()
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def view(self, name: str, branch: str = MAIN) -> CaseView:
        """Return what a branch's trace says.

        Raises:
            InputError: there is no such case or branch.
            CheckpointError: its trace is damaged or was changed.
        """
        key = (name, branch)
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            stamp = self.stamp(name, branch)
            known = self._views.get(key)
            if known is None or known[0] != stamp:
                known = (stamp, await run_for_route(self._store.read, name, branch))
                self._views[key] = known
            self._views.move_to_end(key)
            self._drop_old_views()
            return known[1]

    async def branch(self, name: str, branch: str) -> BranchState:
        """Return where a branch stands, as far as its trace knows."""
        key, stamp = (name, branch), self.stamp(name, branch)
        known = self._states.get(key)
        if known is None or known[0] != stamp:
            known = (stamp, branch_state(await self.view(name, branch)))
            self._states[key] = known
            while len(self._states) > MAX_ROWS:
                self._states.popitem(last=False)
        return known[1]

    async def rows(self, names: Sequence[str]) -> list[CaseRow]:
        """Return the rows of cases in the list; one that cannot be read says why."""
        found = await asyncio.to_thread(self._store.summaries, names)
        return [_case_row(summary) for summary in found]

    def stamp(self, name: str, branch: str) -> Stamp:
        """Return what is another as soon as a branch's trace has grown; the trace is not read.

        Raises:
            InputError: there is no such case or branch.
        """
        try:
            found = self._store.trace_path(name, branch).stat()
        except FileNotFoundError as error:
            raise InputError(f"{name}/{branch}: no such case or branch") from error
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _drop_old_views(self) -> None:
        sizes = [stamp[1] for stamp, _ in self._views.values()]
        while len(sizes) > 1 and (len(sizes) > MAX_VIEWS or sum(sizes) > MAX_VIEW_BYTES):
            self._views.popitem(last=False)
            sizes.pop(0)


def branch_state(view: CaseView) -> BranchState:
    """Return where a branch stands, as far as its trace knows."""
    return _listed_branch(summary_of(view))


def _case_row(case: CaseSummary) -> CaseRow:
    if not case.branches:
        return CaseRow(id=case.name, problem=case.problem, tags=case.tags, archived=case.archived)
    first, trip = case.branches[0], case.trip
    return CaseRow(
        id=case.name,
        photo_name=first.photo_name,
        photos=trip.photos if trip else 1,
        headline=trip_headline(trip.together) if trip and trip.together else None,
        created=first.created,
        branches=tuple(_listed_branch(branch) for branch in case.branches),
        tags=case.tags,
        archived=case.archived,
    )


def _listed_branch(branch: BranchSummary) -> BranchState:
    return BranchState(
        branch=branch.branch,
        status="failed" if branch.has_failed else branch.status,
        steps=branch.steps,
        headline=headline(branch.claim) if branch.claim else None,
        forked_from=branch.forked_from,
    )


def case_state(view: CaseView, branches: tuple[BranchState, ...], problem: str | None) -> CaseState:
    """Return a branch as it stands; `branches` holds it as well, with its status."""
    opened = view.opened
    own = next(state for state in branches if state.branch == opened.branch)
    last = view.last_event
    if problem is None and last.event == "failure":
        problem = last.text
    answer = view.answer
    return CaseState(
        id=view.case,
        branch=opened.branch,
        status=own.status,
        problem=problem if own.status in ("failed", "unfinished", "waiting") else None,
        created=opened.time,
        ask=opened.options.ask,
        photo=opened.image,
        steps=len(view.steps),
        events=len(view.events),
        head=view.head,
        branches=branches,
        question=view.question,
        answer=answer.model_copy(update={"trace": (), "tools": ()}) if answer else None,
        candidates=view.candidates,
        excluded=answer.excluded if answer else exclusions_of(view),
        next_steps=next_steps(answer, case_words(view)) if answer else None,
    )


def exclusions_of(view: CaseView) -> tuple[Exclusion, ...]:
    """Return the places ruled out by the last answer, and by people since and before."""
    found: dict[str, Exclusion] = {}
    steps = 0
    known: dict[str, Hypothesis] = {}
    for event in view.events:
        if event.event == "step":
            steps += 1
            for item in candidates_of(event.step.detail):
                known[item.place.id] = item
        elif event.event == "answer":
            found |= {item.place.id: item for item in event.answer.excluded}
        elif event.event == "human" and event.input.action == "undo":
            found = {key: item for key, item in found.items() if key not in undone_places(view)}
        elif event.event == "human" and event.input.action in ("veto", "reject"):
            place = event.input.place
            if place is not None:
                before = known.get(place.id)
                found[place.id] = Exclusion(
                    place=place,
                    probability=before.probability if before else 0.0,
                    reason=event.input.text,
                    step=steps,
                    by="person",
                )
    return tuple(found.values())


def undone_places(view: CaseView) -> set[str]:
    """Return the ids of the places whose exclusion a person has taken back."""
    acts = [event.input for event in view.people]
    in_force = {acts[position].place for position in positions_in_force(acts)}
    return {act.place.id for act in acts if act.place is not None and act.place not in in_force}


def candidates_of(detail: Mapping[str, object]) -> tuple[Hypothesis, ...]:
    """Return the candidates that a step proposed or judged."""
    dumped = detail.get("hypotheses")
    if not isinstance(dumped, list):
        return ()
    return tuple(Hypothesis.model_validate(item) for item in dumped)
