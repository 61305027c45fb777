"""The list of models, in each of the forms that servers give it."""

from typing import Any

import pytest

from geoagent_graph.policies.backends.openai.model_list import read_models


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"id": "m"}, {"id": ""}, {}, None, {"id": "m"}]},
        [{"id": "m"}],
        {"models": [{"name": "m"}]},
        {"models": {"m": {}}},
        {"data": ["m"]},
        ["m"],
    ],
)
def test_a_model_is_found_in_every_form(body: Any) -> None:
    assert [model.id for model in read_models(body)] == ["m"]


@pytest.mark.parametrize("body", [None, {}, {"data": None}, "m", {"data": {}}, 5])
def test_a_list_without_models_is_empty(body: Any) -> None:
    assert read_models(body) == []


def test_the_context_is_as_each_server_states_it() -> None:
    def context(**fields: object) -> int | None:
        return read_models([{"id": "m", **fields}])[0].context_tokens

    assert context(max_model_len=4096, meta={"n_ctx": 1}) == 4096
    assert context(meta={"n_ctx": 2048}) == 2048
    assert context(loaded_context_length=1024) == 1024
    assert context(n_ctx=-1) is context(n_ctx="5") is context() is None
