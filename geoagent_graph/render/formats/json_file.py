"""The whole answer of a case as JSON."""

from geoagent_graph.cases.view import CaseView
from geoagent_graph.render.claim import answer_in
from geoagent_graph.render.formats.format import Format
from geoagent_graph.render.formats.json_answer import json_text


def case_json(view: CaseView) -> str:
    """Return the whole answer of a case with every step.

    Raises:
        InputError: the branch has no answer yet.
    """
    return json_text(answer_in(view).model_dump(mode="json"))


ROW = Format(
    "json",
    "application/json",
    ".json",
    "Answer (JSON)",
    help="Write the whole answer with every step as JSON.",
    of_case=case_json,
)
