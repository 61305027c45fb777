"""What is claimed: the answer of a case or a trip, and the candidates it stands for."""

from collections.abc import Mapping

from geoagent_graph.cases.trip.trip_view import TripView, answer_together
from geoagent_graph.cases.view import CaseView
from geoagent_graph.errors import InputError
from geoagent_graph.trip_types import Joined
from geoagent_graph.types import LEVELS, Answer, Hypothesis, Level


def best_candidate(answer: Answer) -> Hypothesis | None:
    """Return the candidate that the answer stands for; None when it claims nothing."""
    if answer.level == "none":
        return None
    candidates = answer.levels.get(answer.level, ())
    names = {answer.place.city, answer.place.country, answer.place.continent}
    ranked = sorted(candidates, key=lambda candidate: -candidate.probability)
    return next((c for c in ranked if c.place.name in names), ranked[0] if ranked else None)


def deepest_candidates(levels: Mapping[Level, tuple[Hypothesis, ...]]) -> tuple[Hypothesis, ...]:
    """Return the candidates of the deepest level that was looked at."""
    looked_at = [levels[level] for level in LEVELS if levels.get(level)]
    return looked_at[-1] if looked_at else ()


def answer_in(view: CaseView) -> Answer:
    """Return the answer of a branch.

    Raises:
        InputError: it has none yet.
    """
    if view.answer is None:
        opened = view.opened
        raise InputError(
            f"{view.case}/{opened.branch}: has no answer yet. "
            f"Run: geoagent resume {view.case}/{opened.branch}"
        )
    return view.answer


def answers_together(trip: TripView, views: Mapping[str, CaseView]) -> list[Answer]:
    """Return the photos' answers with the places they have together, in the order of the way.

    Raises:
        InputError: the photos have not been weighed together.
    """
    joint_result(trip)
    branches = [photo.branch for photo in trip.photos]
    ordered = [*trip.path, *(branch for branch in branches if branch not in trip.path)]
    pairs = ((views[branch].answer, trip.joined(branch)) for branch in ordered)
    return [answer_together(answer, photo) for answer, photo in pairs if answer and photo]


def joint_result(trip: TripView) -> Joined:
    """Return the newest joint result.

    Raises:
        InputError: there is none.
    """
    if trip.joint is None:
        name = trip.case
        raise InputError(
            f"{name}: its photos have no joint result yet. Run: geoagent resume {name}"
        )
    return trip.joint.joined
