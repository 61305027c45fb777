"""What a run was made with stands in its trace, and changes when that changes."""

from pathlib import Path

import numpy as np

from geoagent_graph.cases.environment import environment_of
from geoagent_graph.policies.model.open_model import PolicyTools, open_model_policy
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_folder import IndexParts, lock_index, save_index
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_index import make_index
from geoagent_graph.testing import (
    FixedGeocoder,
    FixedRetriever,
    MeanColourEncoder,
    scripted_toolbox,
)
from geoagent_graph.testing.scripted_chat import ScriptedChat

ROW = ReferenceRow(
    id="a",
    lat_deg=1.0,
    lon_deg=2.0,
    country_code="PT",
    license="",
    attribution="",
    source_url="",
    sha256="0" * 64,
    cluster_id="",
)


def retriever(folder: Path, first: float) -> FaissRetriever:
    vector = np.array([[first, np.sqrt(1.0 - first**2), 0.0]], np.float32)
    with lock_index(folder):
        save_index(folder, IndexParts("mean-colour/1", make_index(vector, np.arange(1)), [ROW]))
    return FaissRetriever.load(folder, MeanColourEncoder())


def test_the_index_is_named_by_its_content(tmp_path: Path) -> None:
    digests = []
    for name, first in (("one", 0.6), ("same", 0.6), ("other", 0.8)):
        tools = scripted_toolbox(retriever=retriever(tmp_path / name, first))
        environment = environment_of(tools)
        assert environment.encoder == "mean-colour/1"
        digests.append(environment.index_sha256)
    assert None not in digests
    assert digests[2] != digests[0]


def test_a_policy_with_a_model_names_it_and_its_prompts() -> None:
    policy = open_model_policy("served", ScriptedChat("qwen"), PolicyTools(FixedGeocoder()))
    environment = environment_of(scripted_toolbox(policy=policy))
    assert (environment.policy, environment.model) == ("served", "qwen")
    assert environment.prompts_sha256 is not None
    assert environment_of(scripted_toolbox()).prompts_sha256 is None
    assert environment.index_sha256 is None


def test_another_retriever_is_named_by_what_it_says_of_itself() -> None:
    digests = {
        environment_of(
            scripted_toolbox(retriever=FixedRetriever(identified_by={"version": version}))
        ).index_sha256
        for version in (1, 1, 2)
    }
    assert len(digests) == 2
    assert environment_of(scripted_toolbox(retriever=FixedRetriever())).index_sha256 is None
