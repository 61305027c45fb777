"""JSON schemas that constrain the model's replies.

Strings are bounded by `pattern`: constrained decoders keep to a pattern, not to `maxLength`. The
outermost schema is always an object with all properties required, as strict servers demand.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geoagent_graph.policies.model.chain import STAGES

Schema = dict[str, Any]

MAX_PROPOSED: Final = 10


TEXT: Final[Schema] = {"type": "string", "pattern": '^[^"\\\\\\x00-\\x1f]{1,80}$'}
"""A short text without quotes, backslashes and control characters.

It is the only text pattern in use: a constrained decoder computes what may follow at each of its
positions once for the whole vocabulary, which takes seconds, and then keeps it.
"""
SENTENCES: Final[Schema] = {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 4}


def chain_schema(countries: Sequence[str]) -> Schema:
    """Return the schema of the paper's chain, with the country from a list."""
    stages = {
        name: _object_schema(
            {
                "Clues": SENTENCES,
                "Reasoning": SENTENCES,
                "Conclusion": {"enum": list(countries)} if name == STAGES[0] else TEXT,
                "Uncertainty": {"enum": ["low", "medium", "high"]},
            }
        )
        for name in STAGES
    }
    return _object_schema({"ChainOfThought": _object_schema(stages)})


def turn_schema(actions: Sequence[str], names: Sequence[str] | None) -> Schema:
    """Return the schema of the next action; candidates come from `names` where they are given."""
    item = {"enum": list(names)} if names is not None else TEXT
    percent = {"type": "integer", "minimum": 0, "maximum": 100}
    arguments: Mapping[str, Schema] = {
        "propose": {
            "candidates": {
                "type": "array", "items": item, "minItems": 1, "maxItems": MAX_PROPOSED
            }
        },
        "zoom": dict.fromkeys(("left", "top", "right", "bottom"), percent),
        "retrieve": {},
        "reverse_geocode": {
            "lat_deg": {"type": "integer", "minimum": -90, "maximum": 90},
            "lon_deg": {"type": "integer", "minimum": -180, "maximum": 179},
        },
        "verify": {"name": TEXT},
        "answer": {},
    }  # fmt: skip
    variants = [
        _object_schema({"action": {"enum": [action]}, **arguments[action]}) for action in actions
    ]
    chosen = variants[0] if len(variants) == 1 else {"anyOf": variants}
    return _object_schema({"thought": SENTENCES, "next": chosen})


def verdict_schema(decisions: Sequence[str], letters: Sequence[str]) -> Schema:
    """Return the schema of a verdict over lettered candidates."""
    return _object_schema(
        {
            "thought": SENTENCES,
            "decision": {"enum": list(decisions)},
            "letter": {"enum": list(letters)},
        }
    )


def letter_schema(letters: Sequence[str]) -> Schema:
    """Return the schema of one letter, for servers that cannot constrain to single tokens."""
    return _object_schema({"letter": {"enum": list(letters)}})


def _object_schema(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
