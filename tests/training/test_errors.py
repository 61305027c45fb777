"""Errors of training stand where commands look for them in the project's tree."""

import pytest
from geoagent_training.errors import ConfigError, DataError, ServiceError, TrainingStopped

from geoagent_graph.errors import GeoAgentError, InputError, ToolError


@pytest.mark.parametrize(
    ("kind", "above", "beside"),
    [
        (ConfigError, InputError, ToolError),
        (DataError, InputError, ToolError),
        (ServiceError, ToolError, InputError),
        (TrainingStopped, GeoAgentError, InputError),
    ],
)
def test_an_error_is_caught_by_its_kind_and_by_no_other(
    kind: type[GeoAgentError], above: type[GeoAgentError], beside: type[GeoAgentError]
) -> None:
    with pytest.raises(above, match=r"^one line$") as caught:
        raise kind("one line")
    assert not isinstance(caught.value, beside)
