"""The whole answer of a case as JSON."""

from typing import TYPE_CHECKING

from geoagent_graph.render.formats.format import Format
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.translation import mark

if TYPE_CHECKING:
    from geoagent_graph.cases.view import CaseView


def case_json(view: "CaseView") -> str:
    """Return the whole answer of a case with every step.

    Raises:
        InputError: the branch has no answer yet.
    """
    from geoagent_graph.render.claim import answer_in

    return json_text(answer_in(view).model_dump(mode="json"))


ROW = Format(
    "json",
    "application/json",
    ".json",
    mark("Answer (JSON)"),
    help="Write the whole answer with every step as JSON.",
    of_case=case_json,
)
