"""The old place of the tool rewards: the same functions, with a warning; nothing else."""

import geoagent_training.agent_rewards as old
import pytest
from geoagent_training.rewards import step_budget, tool_use


def test_an_old_path_gives_the_function_and_its_new_path() -> None:
    with pytest.warns(DeprecationWarning, match=r"geoagent_training\.rewards\.tool_use now"):
        assert old.tool_use is tool_use
    with pytest.warns(DeprecationWarning, match=r"geoagent_training\.rewards\.step_budget now"):
        assert old.step_budget is step_budget


def test_a_name_that_was_never_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'spatial'"):
        _ = old.spatial
