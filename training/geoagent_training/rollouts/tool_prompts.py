"""What a policy with tools in TRL's loop is told, beside the words of the served policy."""

from typing import Final

from geoagent_graph.policies.model import prompts
from geoagent_graph.policies.model.prompts import ACTIONS, DRAFT_SYSTEM
from geoagent_graph.types import LEVELS, Place
from geoagent_training.rollouts.tool_format import TOOLS

_ARGUMENTS: Final = {
    "retrieve": "",
    "reverse_geocode": ", with lat_deg and lon_deg",
    "verify": ", with name",
    "zoom": ", with left, top, right, bottom",
}

AGENT_SYSTEM: Final = "\n".join(
    [
        DRAFT_SYSTEM,
        "Before the answer you may use tools, one in each reply, written as "
        '{"thought": ["..."], "next": {"action": "...", ...}}:',
        *(f"- {tool}: {ACTIONS[tool]}{_ARGUMENTS[tool]}" for tool in TOOLS),
        "Each use costs a step; answer as soon as you are sure.",
    ]
)
AGENT_WORDS: Final = (
    AGENT_SYSTEM,
    *ACTIONS.values(),
    '{"thought": ["I look closer at the sign. I look the name up."], "next": {"action": "zoom", '
    '"left": 0.0, "top": 50.0}}',
    "Result of zoom:\nthe part of the photo, at full resolution\nChoose the next action.",
    "Result of verify:\n- Lisbon, Lisbon, Portugal\nno such place\nChoose the next action.",
)

_SOMEWHERE: Final = Place(
    id="country:PT", level="country", name="Portugal", continent_code="EU", lat_deg=39, lon_deg=-8
)
_CONTINENTS: Final = (
    "Africa", "Antarctica", "Asia", "Europe", "North America", "Oceania", "South America",
    "somewhere else",
)  # fmt: skip
_OPTIONS: Final = tuple(zip("ABCDEFGH", _CONTINENTS, strict=True))
GRAPH_WORDS: Final = (
    prompts.AGENT_SYSTEM,
    prompts.CHOICE_SYSTEM,
    *(prompts.turn_question(level, _SOMEWHERE, (), tuple(ACTIONS), "Spain") for level in LEVELS),
    *(prompts.choice_question(level, _SOMEWHERE, "", _OPTIONS) for level in LEVELS),
    prompts.verdict_question("country", None, (), (), ("accept", "retry", "back", "stop")),
    prompts.own_view(()),
    prompts.correction("the reply holds no JSON object"),
    "At first sight you said:\n- answer: Portugal\n- country: Portugal\n- saw: sign",
    '{"thought": ["It fits."], "next": {"action": "propose", "candidates": ["Portugal"]}}',
    '{"thought": ["Nothing finer shows.", "The signs say so."], "next": {"action": "answer"}}',
    '{"thought": ["It fits."], "decision": "accept", "letter": "A"}',
)
"""What the graph says to its policy, and what is said to it, for tokenizers cut to their texts."""
