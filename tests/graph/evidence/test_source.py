"""A source with a broken name, kind, label or check is refused in a sentence that names it."""

from typing import Any

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.source import Source

WHOLE: dict[str, Any] = {
    "name": "plates_2",
    "kind": "plate",
    "label": "Number plate",
    "check": "set by hand",
    "likelihood": None,
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "Plates"}, "'Plates' names no source: take letters a-z, digits and _"),
        ({"name": ""}, "'' names no source"),
        ({"name": "a" * 41}, "names no source"),
        ({"kind": "plate2"}, "plates_2: 'plate2' is no kind of clue: take letters a-z, _"),
        ({"label": " "}, "plates_2: a source needs a label and a check of its weights"),
        ({"check": ""}, "plates_2: a source needs a label and a check of its weights"),
    ],
)
def test_a_broken_source_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        Source(**{**WHOLE, **changes})
    assert message in str(error.value)


def test_a_source_may_leave_out_what_others_do() -> None:
    source = Source(**WHOLE)
    assert (source.extract, source.of_one_sign) == (None, False)
