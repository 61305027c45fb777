"""The public names of the kernels."""

import inspect

import geoagent_kernels


def test_all_lists_the_public_names() -> None:
    public = {
        name
        for name, value in vars(geoagent_kernels).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public == set(geoagent_kernels.__all__)


def test_every_operation_of_the_specification_is_there() -> None:
    operations = {
        "great_circle_km",
        "spatial_reward",
        "multiscale_reward",
        "geoscore",
        "semantic_reward",
        "geo_batch_reward",
        "geo_similarity_reward",
        "semantic_reward_by_id",
        "group_advantage",
        "PlaceIndex",
        "expected_reward",
        "energy_score",
        "group_spread",
        "geo_topk",
    }
    assert operations <= set(geoagent_kernels.__all__)
    for name in operations:
        text = inspect.getdoc(getattr(geoagent_kernels, name))
        assert text is not None
        assert "Raises:" in text or name == "PlaceIndex"
