"""Views of cases and trips built in memory for the tests of what is made from them."""

from typing import Any

from geoagent_graph.cases.events import FORMAT, event_of, link
from geoagent_graph.cases.trip.trip_events import TRIP_FORMAT, trip_event_of
from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.cases.view import CaseView, Pixels
from geoagent_graph.state import RunOptions
from geoagent_graph.trip_types import Joined, JoinedPhoto
from geoagent_graph.types import Answer, AnswerPlace, ImageRef, Json, Verdict
from tests.support.answers import ASIA, EUROPE, hypothesis, porto_answer, porto_levels

TIME = "2024-05-01T10:00:00+00:00"
ENVIRONMENT = {
    "python": "3.11.7",
    "packages": {"geoagent-graph": "9.8.7", "langgraph": "1.2.3"},
    "policy": "evidence",
    "data_sha256": "d" * 64,
}
VETO = {"event": "human", "input": {"action": "veto", "text": "excluded Spain: it rains too much"}}
NOTE = {"event": "note", "text": "ask the neighbour"}
FAILURE = {"event": "failure", "error": "ToolError", "text": "the retriever is gone"}


def chain(bodies: list[Json]) -> list[Json]:
    """Return the bodies of events linked into a trace."""
    linked: list[Json] = []
    for seq, body in enumerate(bodies):
        prev = linked[-1]["hash"] if linked else "0" * 64
        linked.append(link({"time": TIME, **body}, seq, prev))
    return linked


def opened(image: ImageRef, case: str = "street", branch: str = "main") -> Json:
    """Return the first event of a branch."""
    return {
        "event": "case", "format": FORMAT, "case": case, "branch": branch,
        "image": image.model_dump(mode="json"),
        "options": RunOptions().model_dump(mode="json"), "warnings": ["the clock is wrong"],
        "graph_version": 1, "environment": ENVIRONMENT,
    }  # fmt: skip


def case_view(
    *more: Json,
    answer: Answer | None = None,
    pixels: Pixels | None = None,
    branch: str = "main",
) -> CaseView:
    """Return a branch with the steps of an answer, further events, then the answer if there is."""
    source = answer or porto_answer()
    steps = [{"event": "step", "step": s.model_dump(mode="json")} for s in source.trace]
    last: list[Json] = []
    if answer is not None:
        dumped = answer.model_copy(update={"trace": (), "tools": ()}).model_dump(mode="json")
        last = [{"event": "answer", "answer": dumped}]
    bodies = [opened(source.image, branch=branch), *steps, *more, *last]
    return CaseView(tuple(event_of(line) for line in chain(bodies)), pixels)


def question(problem: str | None = None, text: str = "Is this Europe?") -> Json:
    """Return the event of a question between two continents."""
    asked = {
        "level": "continent",
        "text": text,
        "verdict": Verdict(decision="stop", reason="too thin").model_dump(mode="json"),
        "candidates": [
            hypothesis(EUROPE, 0.6, for_it="a sign").model_dump(mode="json"),
            hypothesis(ASIA, 0.3).model_dump(mode="json"),
        ],
        "problem": problem,
    }
    return {"event": "question", "question": asked}


def joined_photo(**changes: object) -> JoinedPhoto:
    """Return a photo that its trip has placed in Porto."""
    answer = porto_answer()
    fields: dict[str, object] = {
        "place": AnswerPlace(country="Portugal", country_code="PT", city="Porto"),
        "lat_deg": answer.lat_deg, "lon_deg": answer.lon_deg, "radius_km": 12.0, "level": "city",
        "alone": 0.4, "together": 0.91, "levels": porto_levels(), "because": ("one hour apart",),
    }  # fmt: skip
    return JoinedPhoto.model_validate(fields | changes)


def joint(photos: list[JoinedPhoto], **changes: object) -> Joined:
    """Return a joint result of photos."""
    fields: dict[str, object] = {
        "photos": [photo.model_dump() for photo in photos],
        "fit": 2.0,
        "formula": "travel/1",
    }
    return Joined.model_validate(fields | changes)


def trip_view(views: dict[str, CaseView], result: Joined | None = None) -> TripView:
    """Return the trip of some branches, with a joint result if there is one."""
    bodies: list[Json] = [{"event": "trip", "format": TRIP_FORMAT, "case": "street"}]
    for branch, view in views.items():
        image = view.opened.image.model_dump(mode="json")
        bodies.append({"event": "photo", "branch": branch, "image": image})
    if result is not None:
        bodies.append(_joint_event(views, result))
    return TripView(tuple(trip_event_of(line) for line in chain(bodies)))


def _joint_event(views: dict[str, CaseView], result: Joined) -> Json:
    inputs: list[dict[str, Any]] = [
        {"branch": branch, "answer": view.head}
        for branch, view in list(views.items())[: len(result.photos)]
    ]
    rest = list(views)[len(result.photos) :]
    return {
        "event": "joint",
        "inputs": inputs,
        "left_out": [{"branch": branch, "reason": "its file is gone"} for branch in rest],
        "joined": result.model_dump(mode="json"),
        "environment": ENVIRONMENT,
    }
