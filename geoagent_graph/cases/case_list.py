"""The summary of a case: as it is stored where its traces are what it sums up, else made anew."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cases.labels import LABELS_NAME, Labels, read_labels
from geoagent_graph.cases.names import MAIN, check_name
from geoagent_graph.cases.storage import file_errors
from geoagent_graph.cases.summary import CaseSummary, summary_of, trip_summary_of
from geoagent_graph.cases.summary_file import (
    KnownTrace,
    SummaryFile,
    is_current,
    known_trace,
    read_summary_file,
    write_summary_file,
)
from geoagent_graph.cases.trace_file import SUFFIX
from geoagent_graph.cases.trip.trip_events import TRIP_SUFFIX
from geoagent_graph.cases.trip.trip_view import read_trip_view
from geoagent_graph.cases.view import read_view
from geoagent_graph.errors import GeoAgentError

if TYPE_CHECKING:
    from geoagent_graph.cases.case import Case

NEVER_BEGUN = "was never begun"
JOINT_NAME = f"joint{TRIP_SUFFIX}"


def summarize_case(name: str, folder: Path) -> CaseSummary:
    """Return the summary of a case; what had to be made anew is stored."""
    labels = Labels()
    try:
        with file_errors(name):
            names = sorted(os.listdir(folder))  # noqa: PTH208  names, not paths
        labels = read_labels(folder) if LABELS_NAME in names else labels
        files = _traces_among(names)
        stored = read_summary_file(folder)
        known = SummaryFile(traces={file: _known(stored, folder / file) for file in files})
    except GeoAgentError as error:
        return CaseSummary(
            name=name, problem=str(error), tags=labels.tags, archived=labels.archived
        )
    if known != stored:
        write_summary_file(folder, known, is_change=False)
    traces = known.traces.values()
    branches = tuple(trace.branch for trace in traces if trace.branch is not None)
    trips = (trace.trip for trace in traces if trace.trip is not None and trace.trip.photos > 1)
    problem = None if branches else NEVER_BEGUN
    return CaseSummary(
        name=name,
        branches=branches,
        problem=problem,
        trip=next(trips, None),
        tags=labels.tags,
        archived=labels.archived,
    )


def store_summaries(folder: Path, cases: "list[Case]") -> None:
    """Store the summaries of branches whose events are at hand, beside those of others.

    Raises:
        StorageError: a trace cannot be read.
    """
    traces = dict(read_summary_file(folder).traces)
    for case in cases:
        branch = case.summary()
        if branch is not None:
            traces[case.trace_path.name] = known_trace(case.trace_path, branch=branch)
    write_summary_file(folder, SummaryFile(traces=traces), is_change=True)


def _traces_among(names: list[str]) -> list[str]:
    """Return which files of a case are traces: the main one first, the joint one last."""
    branches = [file.removesuffix(SUFFIX) for file in names if file.endswith(SUFFIX)]
    for branch in branches:
        check_name(branch, "branch")
    branches.sort(key=lambda branch: branch != MAIN)
    joint = [JOINT_NAME] if JOINT_NAME in names else []
    return [*(f"{branch}{SUFFIX}" for branch in branches), *joint]


def _known(stored: SummaryFile, path: Path) -> KnownTrace:
    """Return what is stored of a trace, under its time of now, or what is read from it."""
    before = stored.traces.get(path.name)
    if before is not None and is_current(before, path):
        return before
    now = known_trace(path)
    if before is not None and before.sha256 == now.sha256:
        return before.model_copy(update={"stamp": now.stamp})
    if path.name == JOINT_NAME:
        return now.model_copy(update={"trip": trip_summary_of(read_trip_view(path))})
    return now.model_copy(update={"branch": summary_of(read_view(path))})
