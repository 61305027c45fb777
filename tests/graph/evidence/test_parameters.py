"""The weights of the evidence: every one is read, and says how it was found."""

import copy
from dataclasses import FrozenInstanceError, fields

import pytest

from geoagent_graph.evidence.names.context import STRENGTH
from geoagent_graph.evidence.parameters import Parameters, parameters, parameters_of
from geoagent_graph.evidence.tables import table


@pytest.mark.parametrize("name", [field.name for field in fields(Parameters)])
def test_every_group_says_how_it_was_found(name: str) -> None:
    how = getattr(parameters(), name).how.casefold()
    assert "fitted" in how or "set by hand" in how


def test_weights_are_shares_where_they_must_be() -> None:
    assert sum(mode.weight for mode in parameters().travel.modes) == pytest.approx(1.0)
    for context in STRENGTH:
        weights = parameters().contexts.by_context[context]
        assert weights.own + weights.near + weights.country + weights.world == pytest.approx(1.0)


def test_parameters_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        parameters().phone.foreign = 1.0  # type: ignore[misc]


def test_a_missing_or_unknown_weight_is_an_error() -> None:
    stored = copy.deepcopy(table("fitted"))
    stored["phone"]["values"]["unheard_of"] = 1.0
    with pytest.raises(TypeError, match="unheard_of"):
        parameters_of(stored)
    stored = copy.deepcopy(table("fitted"))
    del stored["domain"]["values"]["foreign"]
    with pytest.raises(TypeError, match="foreign"):
        parameters_of(stored)
    with pytest.raises(TypeError, match="nothing reads colours"):
        parameters_of({**table("fitted"), "colours": {}})
