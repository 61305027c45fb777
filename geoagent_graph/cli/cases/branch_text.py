"""A branch of a case as JSON, its question as text, and what its state is for a shell."""

from typing import TYPE_CHECKING, Any

from geoagent_graph.cli import exit_codes
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.cases.view import CaseView
    from geoagent_graph.questions import Question


def exit_status(view: "CaseView") -> int:
    """Return 0 for an answer, 3 for one that claims nothing, 4 for an open question."""
    if view.answer is not None:
        return exit_codes.ABSTAINED if view.answer.level == "none" else exit_codes.ANSWERED
    return exit_codes.WAITING if view.question is not None else exit_codes.ANSWERED


def branch_json(view: "CaseView") -> dict[str, Any]:
    """Return a branch as JSON: what it is, where it stands, its question and its answer."""
    opened = view.opened
    return {
        "case": view.case,
        "branch": opened.branch,
        "status": view.status,
        "steps": len(view.steps),
        "head": view.head,
        "question": view.question.model_dump(mode="json") if view.question else None,
        "answer": view.answer.model_dump(mode="json") if view.answer else None,
    }


def question_text(question: "Question", case: str) -> str:
    """Return an open question as people read it, with the ways to reply."""
    lines = [f"Question: {visible(question.text)}"]
    for candidate in question.candidates:
        place = candidate.place
        lines.append(f"  {candidate.probability:6.1%}  {visible(place.name)} ({visible(place.id)})")
    if question.problem:
        lines.append(f"The last reply was refused: {visible(question.problem)}")
    lines.append(f"Reply: geoagent resume {case} with one of")
    lines.append("  --agree | --accept PLACE | --reject PLACE --because TEXT | --clue TEXT")
    lines.append("  --photo-region L,T,R,B | --map-region LAT,LON,KM")
    return "\n".join(lines) + "\n"
