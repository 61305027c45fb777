"""`geoagent show` and `compare`: cases as text or JSON, drawn from their traces."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.cases.branch_text import branch_json, question_text
from geoagent_graph.cli.cases.custody import note_view
from geoagent_graph.cli.cases.open_cases import open_store
from geoagent_graph.cli.cases.trip_text import photo_views, side_by_side, trip_json, trip_lines
from geoagent_graph.cli.streams import write_result
from geoagent_graph.errors import InputError
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.cases.comparison import Comparison
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.cases.summary import BranchSummary, TripSummary
    from geoagent_graph.cases.trip.trip_view import TripView
    from geoagent_graph.cases.view import CaseView
    from geoagent_graph.types import Step

TOGETHER = "together"
MAX_PLACES = 8  # per level; --json has all


def show(words: str, step: int | None, home: Path | None, *, as_json: bool) -> int:
    """Print a case, one step of it, or a trace that was handed on; return the exit status.

    Raises:
        GeoAgentError: there is no such case, branch or step, or its trace was changed.
    """
    from geoagent_graph.cases.handed_on import file_kind
    from geoagent_graph.cases.names import split_name
    from geoagent_graph.cases.trip.trip_view import read_trip_view
    from geoagent_graph.cases.view import read_view

    store = open_store(home)
    kind = file_kind(words, store.has)
    if kind == "trip":
        return _show_trip(read_trip_view(Path(words)), {}, as_json=as_json)
    if kind == "case":
        view = read_view(Path(words))
        return _show_branch(view, f"{view.case}/{view.opened.branch}", step, as_json=as_json)
    name, branch = split_name(words)
    trip = store.read_trip(name) if "/" not in words and step is None else None
    if trip is not None:
        note_view(store, trip, None)
        trip = store.read_trip(name) or trip
        return _show_trip(trip, photo_views(store, trip), as_json=as_json)
    view = store.read(name, branch)
    _require_step(view, step)
    note_view(store, view, branch)
    view = store.read(name, branch)
    return _show_branch(view, f"{name}/{branch}", step, as_json=as_json)


def _require_step(view: "CaseView", step: int | None) -> None:
    if step is not None and step >= len(view.steps):
        raise InputError(f"--step {step}: the last step is {len(view.steps) - 1}")


def _show_branch(view: "CaseView", name: str, step: int | None, *, as_json: bool) -> int:
    _require_step(view, step)
    if step is not None:
        chosen = view.steps[step]
        dumped = json_text(chosen.model_dump(mode="json"), indent=2) + "\n"
        write_result(dumped if as_json else f"{_step_line(chosen)}\n{dumped}")
    elif as_json:
        events = [event.model_dump(mode="json") for event in view.events]
        write_result(json_text({**branch_json(view), "events": events}, indent=2) + "\n")
    else:
        write_result("\n".join(_view_lines(view)) + "\n")
        if view.question is not None:
            write_result(question_text(view.question, name))
    return exit_codes.ANSWERED


def _show_trip(trip: "TripView", views: "dict[str, CaseView]", *, as_json: bool) -> int:
    if as_json:
        write_result(json_text(trip_json(trip, views), indent=2) + "\n")
        return exit_codes.ANSWERED
    write_result("\n".join(trip_lines(trip, views)) + "\n")
    for branch, view in views.items():
        if view.question is not None:
            write_result(question_text(view.question, f"{trip.case}/{branch}"))
    return exit_codes.ANSWERED


def compare(words: str, other: str, home: Path | None, *, as_json: bool) -> int:
    """Print two branches side by side and return the exit status.

    Raises:
        GeoAgentError: there is no such case or branch, or a trace was changed.
    """
    from geoagent_graph.cases.comparison import compare as compared
    from geoagent_graph.cases.names import split_name

    name, branch = split_name(words)
    store = open_store(home)
    if other == TOGETHER and other not in store.branches(name):
        return _compare_together(store, name, as_json=as_json)
    comparison = compared(
        store.read(name, branch), store.read(name, other.removeprefix(f"{name}/"))
    )
    if as_json:
        write_result(json_text(_comparison_json(comparison), indent=2) + "\n")
    else:
        write_result("\n".join(_comparison_lines(comparison)) + "\n")
    return exit_codes.ANSWERED


def _compare_together(store: "CaseStore", name: str, *, as_json: bool) -> int:
    trip = store.read_trip(name)
    if trip is None or trip.joint is None:
        raise InputError(f"{name}: its photos have not been weighed together")
    if as_json:
        write_result(json_text(trip_json(trip, photo_views(store, trip)), indent=2) + "\n")
    else:
        write_result("\n".join(side_by_side(trip)) + "\n")
    return exit_codes.ANSWERED


def branch_row(case: str, branch: "BranchSummary") -> dict[str, Any]:
    """Return a branch as a row of a list."""
    from geoagent_graph.render.wording import headline

    return {
        "case": case,
        "branch": branch.branch,
        "begun": visible(branch.created),
        "photo": visible(branch.photo_name),
        "status": branch.status,
        "steps": branch.steps,
        "answer": visible(headline(branch.claim)) if branch.claim else None,
    }


def trip_row(case: str, trip: "TripSummary") -> dict[str, Any]:
    """Return several photos of a case as a row of a list."""
    from geoagent_graph.render.wording import headline

    return {
        "case": case,
        "photos": trip.photos,
        "together": [visible(headline(claim)) for claim in trip.together],
    }


def _view_row(view: "CaseView") -> dict[str, Any]:
    from geoagent_graph.cases.summary import summary_of

    return branch_row(view.case, summary_of(view))


def row_text(row: dict[str, Any]) -> str:
    """Return a row of a list as people read it."""
    if "together" in row:
        said = "; ".join(row["together"]) or "not weighed yet"
        return f"{row['case']}, {row['photos']} photos together: {said}"
    if "problem" in row:
        return f"{row['case']}: {row['problem']}"
    said = f": {row['answer']}" if row["answer"] else ""
    away = ["archived"] if row.get("archived") else []
    filed = "".join(f"  [{word}]" for word in (*row.get("tags", ()), *away))
    return (
        f"{row['case']}/{row['branch']}  {row['begun'][:16]}  {row['photo']}  "
        f"{row['status']}, {row['steps']} steps{said}{filed}"
    )


def _view_lines(view: "CaseView") -> Iterator[str]:
    yield row_text(_view_row(view))
    if view.opened.forked_from:
        point = view.opened.forked_from
        yield f"forked from {point.branch} after step {point.step}"
    for event in view.events:
        if event.event == "step":
            yield _step_line(event.step)
        elif event.event == "human":
            yield f"     {visible(say_stored(f'a person {event.input.text}'))}"
        elif event.event == "note":
            yield f"     note{_author_words(event.person)}: {visible(event.text)}"
        elif event.event in ("custody", "signature"):
            yield f"     {event.time[:16]} UTC: {visible(say_stored(event.sentence))}"
        elif event.event == "failure":
            yield f"     failed: {visible(event.text)}"
        elif event.event == "environment":
            yield "     from here on with other versions, another policy or index"
    yield f"last hash {view.head}"


def _author_words(person: str | None) -> str:
    return f" by {visible(person)}" if person is not None else ""


def _step_line(step: "Step") -> str:
    level = f" {step.level}" if step.level else ""
    return f"{step.index:3}  {step.node}{level}: {visible(say_stored(step.summary))}"


def _comparison_json(comparison: "Comparison") -> dict[str, Any]:
    return {
        "first": branch_json(comparison.first),
        "second": branch_json(comparison.second),
        "shared_steps": comparison.shared_steps,
        "places": [
            {
                "level": row.level,
                "place_id": row.place.id,
                "name": row.place.name,
                "first": row.first,
                "second": row.second,
            }
            for row in comparison.places
        ],
    }


def _comparison_lines(comparison: "Comparison") -> Iterator[str]:
    views = (comparison.first, comparison.second)
    names = [view.opened.branch for view in views]
    if views[0].opened.image.sha256 != views[1].opened.image.sha256:
        yield f"{names[0]} and {names[1]} are of different photos"
    yield f"{comparison.shared_steps} steps are the same in {names[0]} and {names[1]}"
    for view, name in zip(views, names, strict=True):
        yield f"{name}: {_view_row(view)['answer'] or view.status}"
        for act in view.people:
            yield f"  a person {visible(act.input.text)}"
    yield f"{'':30}{names[0]:>16}{names[1]:>16}"
    seen: Counter[str] = Counter()
    for row in comparison.places:
        if not seen[row.level]:
            yield row.level
        seen[row.level] += 1
        if seen[row.level] > MAX_PLACES:
            continue
        shares = [
            f"{'-' if share is None else f'{share:.1%}':>16}" for share in (row.first, row.second)
        ]
        yield f"  {visible(row.place.name, 27):28}{shares[0]}{shares[1]}"
