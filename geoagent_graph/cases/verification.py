"""Whether a trace is what it says: its chain, its photo, and the checkpoints it was made from."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from geoagent_graph.cases.database import open_database
from geoagent_graph.cases.events import CaseOpened, TraceSigned, event_of
from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.report_traces import traces_in_report
from geoagent_graph.cases.signing import KnownKeys, check_signatures
from geoagent_graph.cases.storage import storage_errors
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.summary import BranchSummary, SummaryInProgress
from geoagent_graph.cases.summary_file import SUMMARY_NAME, known_trace, read_summary_file
from geoagent_graph.cases.trace_file import stream_chain, torn_bytes
from geoagent_graph.cases.trace_projection import TraceProjection
from geoagent_graph.cases.trip.trip_case import trip_events
from geoagent_graph.cases.trip.trip_events import TRIP_SUFFIX
from geoagent_graph.cases.trip.trip_view import TripView, read_trip_view
from geoagent_graph.errors import GeoAgentError, PhotoError
from geoagent_graph.regular_files import read_regular

MAX_PHOTO_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what is wrong; `head` is the last hash, the one to compare.

    `is_signed_by_known` says whether a key that is one's own or trusted signs it, and none wrongly.
    """

    checked: tuple[str, ...]
    problems: tuple[str, ...]
    head: str | None
    is_signed_by_known: bool = False

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify_file(
    trace: Path, photo: Path | None = None, keys: KnownKeys | None = None
) -> Verification:
    """Return whether a trace that was handed on holds, and whether a photo is the one in it."""
    chain, found = _read_trace_file(trace, keys or KnownKeys())
    if chain is None:
        return found
    checked, problems = list(found.checked), list(found.problems)
    if photo is not None:
        try:
            digest = f"sha256:{hashlib.sha256(read_regular(photo, MAX_PHOTO_BYTES)).hexdigest()}"
        except OSError as error:
            problems.append(f"{photo.name}: cannot be read ({error.strerror})")
        else:
            if digest == chain.opened.image.sha256:
                checked.append("the photo is the one in the trace")
            else:
                problems.append("the photo is not the one in the trace: another SHA-256")
    return replace(found, checked=tuple(checked), problems=tuple(problems))


def verify_report(
    report: Path, photo: Path | None = None, keys: KnownKeys | None = None
) -> Verification:
    """Return whether the traces inside a report that was handed on hold; `photo` as of one."""
    try:
        with traces_in_report(report) as files:
            is_one = len(files) == 1
            found = [_verify_any_file(file, photo if is_one else None, keys) for file in files]
    except GeoAgentError as error:
        return Verification((), (str(error),), None)
    return Verification(
        tuple(words for one in found for words in one.checked),
        tuple(words for one in found for words in one.problems),
        found[0].head,
        all(one.is_signed_by_known for one in found),
    )


def _verify_any_file(trace: Path, photo: Path | None, keys: KnownKeys | None) -> Verification:
    if trace.name.endswith(TRIP_SUFFIX):
        return verify_trip_file(trace, keys)
    return verify_file(trace, photo, keys)


@dataclass(frozen=True, slots=True)
class _Chain:
    """What of a trace is kept while it is read line by line.

    Its first event, all hashes, and its signatures, each after the number of events above it.
    """

    opened: CaseOpened
    hashes: list[str]
    summary: BranchSummary | None
    signed: list[tuple[int, TraceSigned]]

    @property
    def head(self) -> str:
        return self.hashes[-1]


def _read_trace_file(trace: Path, keys: KnownKeys) -> tuple[_Chain | None, Verification]:
    """Return a trace's chain, None where it cannot be read, and whether it holds to its end."""
    try:
        chain = _read_chain(trace)
        problems = _torn_words(trace)
    except GeoAgentError as error:
        return None, Verification((), (str(error),), None)
    words = _chain_words(len(chain.hashes), chain.head)
    return chain, _with_signatures(
        Verification((words,), tuple(problems), chain.head), chain.signed, len(chain.hashes), keys
    )


def _with_signatures(
    found: Verification, signed: list[tuple[int, TraceSigned]], count: int, keys: KnownKeys
) -> Verification:
    said = check_signatures(signed, count, keys)
    return replace(
        found,
        checked=(*found.checked, *said.checked),
        problems=(*found.problems, *said.problems),
        is_signed_by_known=said.is_trusted,
    )


def verify_trip_file(trace: Path, keys: KnownKeys | None = None) -> Verification:
    """Return whether a joint trace that was handed on holds."""
    try:
        view = read_trip_view(trace)
        problems = _torn_words(trace)
    except GeoAgentError as error:
        return Verification((), (str(error),), None)
    found = Verification((_trip_words(view),), tuple(problems), view.head)
    return _with_signatures(found, _trip_signatures(view), len(view.events), keys or KnownKeys())


async def verify_trip(store: CaseStore, name: str) -> Verification:
    """Return whether the photos of a case, their joint trace and the checkpoints agree.

    Raises:
        InputError: there is no such case.
    """
    trip = store.read_trip(name)
    if trip is None:
        return await verify_case(store, name, MAIN)
    signatures = check_signatures(_trip_signatures(trip), len(trip.events), store.keys.known())
    checked, problems = [_trip_words(trip)], _torn_words(store.trip_path(name))
    checked, problems = [*checked, *signatures.checked], [*problems, *signatures.problems]
    async with open_database(store.database_path(name), name, read_only=True) as database:
        expected = [event["hash"] for event in await trip_events(database)]
    problems += _compare_hashes(
        [event.hash for event in trip.events], expected, "joint trace", name
    )
    for photo in trip.photos:
        found = await verify_case(store, name, photo.branch)
        checked += [f"{photo.branch}: {words}" for words in found.checked]
        problems += [f"{photo.branch}: {words}" for words in found.problems]
    if not problems:
        problems += _unknown_inputs(store, trip)
    return Verification(tuple(checked), tuple(problems), trip.head, signatures.is_trusted)


def _unknown_inputs(store: CaseStore, trip: TripView) -> list[str]:
    """Return a problem for every answer that was weighed and stands in no trace."""
    hashes = {
        photo.branch: {e.hash for e in store.read(trip.case, photo.branch).events}
        for photo in trip.photos
    }
    return [
        f"{item.branch}: an answer that was weighed together with others is not in its trace"
        for event in trip.events
        if event.event == "joint"
        for item in event.inputs
        if item.answer not in hashes.get(item.branch, set())
    ]


async def verify_case(store: CaseStore, name: str, branch: str) -> Verification:
    """Return whether a branch's trace, its photo and its checkpoints agree.

    Raises:
        InputError: there is no such case or branch.
    """
    store.require(name, branch)
    chain, first = _read_trace_file(store.trace_path(name, branch), store.keys.known())
    if chain is None:
        return first
    checked, problems = list(first.checked), list(first.problems)
    try:
        store.images.empty_copy().original(chain.opened.image)  # what is stored, not in memory
        checked.append("the stored photo has the SHA-256 in the trace")
    except PhotoError as error:
        problems.append(str(error))
    problems += _summary_words(store.trace_path(name, branch), chain)
    try:
        found = await _compare_with_checkpoints(store, name, branch, chain)
    except GeoAgentError as error:
        found = [str(error)]
    problems += found
    checked += [] if found else ["every event is what the checkpoints say"]
    return replace(first, checked=tuple(checked), problems=tuple(problems))


def _read_chain(trace: Path) -> _Chain:
    events = stream_chain(trace, event_of, "case")
    opened = next(events)
    assert isinstance(opened, CaseOpened)  # its kind is "case"
    hashes, summed = [opened.hash], SummaryInProgress()
    signed: list[tuple[int, TraceSigned]] = []
    summed.take([opened.model_dump(mode="json")])
    for event in events:
        if event.event == "signature":
            signed.append((len(hashes), event))
        hashes.append(event.hash)
        is_read = event.event == "answer"  # of the others their kind says enough
        summed.take([event.model_dump(mode="json") if is_read else {"event": event.event}])
    return _Chain(opened, hashes, summed.summary(), signed)


def _summary_words(trace: Path, chain: _Chain) -> list[str]:
    """Return in which way the list of cases says something else than a trace."""
    listed = read_summary_file(trace.parent).traces.get(trace.name)
    if listed is None or listed.branch is None:
        return []
    if listed.branch.model_copy(update={"notes": ()}) == chain.summary:
        return []
    if listed.sha256 != known_trace(trace).sha256:
        return []  # it is of the trace as it was before, and is made anew
    return [f"the list of cases says something else than the trace; remove its {SUMMARY_NAME}"]


async def _compare_with_checkpoints(
    store: CaseStore, name: str, branch: str, chain: _Chain
) -> list[str]:
    """Return in which way a trace is not what the checkpoints say; empty where it is."""
    with storage_errors(name):
        async with open_database(store.database_path(name), name, read_only=True) as database:
            derived = await TraceProjection(database, branch).new_events()
    return _compare_hashes(chain.hashes, [event["hash"] for event in derived], "trace", name)


def _compare_hashes(stored: list[str], expected: list[str], what: str, name: str) -> list[str]:
    if stored != expected[: len(stored)]:
        return [f"the {what} says something else than the checkpoints"]
    missing = len(expected) - len(stored)
    if missing:
        return [
            f"the last {missing} of {len(expected)} events that the checkpoints say are not in the "
            f"{what}: it was cut off, or a run goes on or was killed. geoagent resume {name} "
            "writes them"
        ]
    return []


def _torn_words(path: Path) -> list[str]:
    torn = torn_bytes(path)
    return [f"{torn} bytes follow the last whole line; they are no event"] if torn else []


def _trip_signatures(trip: TripView) -> list[tuple[int, TraceSigned]]:
    return [(above, e) for above, e in enumerate(trip.events) if e.event == "signature"]


def _trip_words(trip: TripView) -> str:
    return _chain_words(len(trip.events), trip.head)


def _chain_words(count: int, head: str) -> str:
    return f"the chain of {count} events holds, last hash {head}"
