"""How a model is used: an option that is not known or has another type is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from geoagent_graph.policies.model.options import ModelPolicyOptions


@pytest.mark.parametrize(
    "changed", [{"visoin": False}, {"judged_by": "nobody"}, {"tool_turns": "many"}]
)
def test_what_is_no_option_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(changed))):
        ModelPolicyOptions(**changed)


def test_options_cannot_be_changed_under_a_running_policy() -> None:
    options = ModelPolicyOptions(tool_turns=0)
    with pytest.raises(ValidationError, match="frozen"):
        options.tool_turns = 5  # type: ignore[misc]
    assert options.tool_turns == 0
