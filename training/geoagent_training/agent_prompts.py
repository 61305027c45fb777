"""What a policy with tools is told, beside the words of the served policy."""

from typing import Final

from geoagent_graph.policies.served.prompts import ACTIONS, DRAFT_SYSTEM

AGENT_SYSTEM: Final = (
    f"{DRAFT_SYSTEM}\nBefore the answer you may use tools: look closer, look names up. "
    "Each use costs a step; answer as soon as you are sure."
)
AGENT_WORDS: Final = (
    AGENT_SYSTEM,
    *ACTIONS.values(),
    "Result of zoom:\nthe part of the photo, at full resolution\nChoose the next action.",
    "Result of verify:\n- Lisbon, Lisbon, Portugal\nno such place\nChoose the next action.",
    "I look closer at the sign. I look the name up.",
)
