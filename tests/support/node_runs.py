"""The state of a run and the runtime of a node, so that one node can be called by itself."""

from typing import Any, cast

from langgraph.runtime import Runtime

from geoagent_graph.state import GRAPH_VERSION, AgentState, dump
from geoagent_graph.testing import scripted_toolbox
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Clue, Hypothesis, ImageRef, Place

IMAGE = ImageRef(sha256="sha256:" + "0" * 64, width=64, height=48, name="a photo", format="PNG")


def run_state(**changes: Any) -> AgentState:
    """Return the state of a run that has just been observed; `changes` replace its values."""
    state: dict[str, Any] = {
        "graph_version": GRAPH_VERSION,
        "image": dump(IMAGE),
        "options": {},
        "level": "continent",
        "attempt": 0,
        "round": 0,
        "clues": [],
        "references": [],
        "hypotheses": [],
        "scores": [],
        "accepted": [],
        "excluded": [],
        "levels": {},
        "pinned": [],
        "counted_from": 0,
        "warnings": [],
        "steps": [],
    }
    return cast("AgentState", state | changes)


def node_runtime(**parts: Any) -> Runtime[Toolbox]:
    """Return a runtime with a scripted toolbox; `parts` replace its single ones."""
    return Runtime(context=scripted_toolbox(**parts))


def hypothesis(place: Place, prior: float, probability: float | None = None) -> Hypothesis:
    """Return a candidate; its probability is its prior where none is given."""
    return Hypothesis(
        level=place.level,
        place=place,
        prior=prior,
        probability=prior if probability is None else probability,
        reason="script",
    )


def text_line(text: str, number: int = 0) -> Clue:
    """Return a line of text without a box."""
    return Clue(id=f"text:{number}", kind="text", text=text, source="reader")
