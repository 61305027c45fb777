"""The JSON Schemas of the contract's lines, versioned by their `$id`."""

import json
from importlib import resources
from typing import Any, Final, Literal

VERSION: Final = 1


def line_schema(file: Literal["prediction", "truth"]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one line of a file of the contract."""
    name = f"{file}-{VERSION}.schema.json"
    text = (resources.files("geoagent_evaluation") / "schemas" / name).read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
