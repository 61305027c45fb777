"""Writes into the table of number plates how many plates each form has, as a power of ten.

    python tools/measure_plates.py

A form that few plates have tells more of the country that writes it than one that many have.
"""

import json
import math
from importlib import import_module
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "geoagent_graph" / "data" / "evidence" / "plates.json"
_FIGURES = 10
_PARSER: Any = import_module("re._parser")  # no public name


def count_texts(form: str) -> int:
    """Return how many texts match a form: letters, figures, groups, classes and repetitions.

    Raises:
        ValueError: there is something else in the form.
    """
    return _count_parts(_PARSER.parse(form))


def _count_parts(parts: Any) -> int:
    return math.prod(_count_part(str(kind), value) for kind, value in parts)


def _count_part(kind: str, value: Any) -> int:
    if kind == "LITERAL":
        return 1
    if kind == "IN":
        return sum(_count_signs(str(one[0]), one[1]) for one in value)
    if kind == "MAX_REPEAT":
        least, most, parts = value
        if str(parts) == str(_PARSER.parse(" ")):
            return 1  # a plate with and without a space is one plate
        return sum(_count_parts(parts) ** times for times in range(least, most + 1))
    if kind == "SUBPATTERN":
        return _count_parts(value[-1])
    if kind == "BRANCH":
        return sum(_count_parts(branch) for branch in value[1])
    raise ValueError(f"a form of a plate has no {kind}")


def _count_signs(kind: str, value: Any) -> int:
    if kind == "RANGE":
        return int(value[1]) - int(value[0]) + 1
    return _FIGURES if kind == "CATEGORY" else 1


def main() -> None:
    stored = json.loads(TABLE.read_text("utf-8"))
    for kind in ("forms", "also"):
        stored[kind] = {
            code: {form: round(math.log10(count_texts(form)), 2) for form in written}
            for code, written in stored[kind].items()
        }
    TABLE.write_text(json.dumps(stored, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
