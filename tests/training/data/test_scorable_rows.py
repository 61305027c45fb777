"""Rows without a country are left out where a reward needs one, before anything is loaded."""

import pytest
from datasets import Dataset
from geoagent_training.data.scorable_rows import scorable_rows
from geoagent_training.errors import DataError


def test_rows_without_a_country_are_left_out_where_semantic_is_a_reward() -> None:
    rows = Dataset.from_dict({"country": ["Peru", "", "Chad"]})
    assert scorable_rows(rows, {"semantic"})["country"][:] == ["Peru", "Chad"]
    assert len(scorable_rows(rows, {"geo_similarity", "spatial"})) == 3
    with pytest.raises(DataError, match="column country is empty in all 2 rows"):
        scorable_rows(Dataset.from_dict({"country": ["", ""]}), ["semantic"])
