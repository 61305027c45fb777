"""`--weights NAME`: what it stands for, what it refuses, and the command that serves it."""

import shlex
from pathlib import Path

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.policies.chosen_weights import LOCAL_SERVER, model_of_weights, server_command
from geoagent_graph.policies.open_policy import with_policy
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.settings import Settings
from geoagent_graph.testing import scripted_toolbox
from geoagent_graph.weights.catalogue import catalogue, find_entry
from tests.support.weight_rows import place_row


def test_a_served_model_is_asked_on_this_machine_by_the_name_of_the_row(tmp_path: Path) -> None:
    place_row(tmp_path, "qwen3-vl-4b-gguf")
    options = PolicyOptions(policy="served", weights="qwen3-vl-4b-gguf")
    found = options.complete(Settings(weights_dir=tmp_path))
    assert (found.base_url, found.model) == (LOCAL_SERVER, "qwen3-vl-4b-gguf")
    named = options.model_copy(update={"base_url": "http://gpu:1/v1", "model": "mine"})
    found = named.complete(Settings(weights_dir=tmp_path))
    assert (found.base_url, found.model) == ("http://gpu:1/v1", "mine")
    assert options.request()["weights"] == "qwen3-vl-4b-gguf"


def test_a_folder_is_the_model_of_this_process(tmp_path: Path) -> None:
    place_row(tmp_path, "geoagent")
    found = model_of_weights("geoagent", "transformers", tmp_path)
    assert found == {"model": str(tmp_path / "geoagent")}


@pytest.mark.parametrize(
    ("name", "policy", "said"),
    [
        ("qwen3-vl-4b", "served", "geoagent weights pull qwen3-vl-4b"),
        ("qwen3-vl-4b", "evidence", "goes with a model"),
        ("geoclip", "served", "goes with a model"),
        ("qwen3-vl-4b-gguf", "transformers", "take --policy served"),
        ("none", "served", "no such weights"),
    ],
)
def test_what_does_not_suit_is_one_sentence(
    tmp_path: Path, name: str, policy: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        model_of_weights(name, policy, tmp_path)


def test_every_model_has_a_command_that_serves_it() -> None:
    folder = Path("/my weights")
    for entry in catalogue().values():
        if entry.kind == "model":
            words = shlex.split(server_command(entry, folder))
            assert words[0] == ("llama-server" if entry.name.endswith("gguf") else "vllm")
            assert entry.name in words  # the name that it is asked by
            assert any(word.startswith(f"/my weights/{entry.name}") for word in words)
    words = shlex.split(server_command(find_entry("qwen3-vl-8b-gguf"), folder))
    projector = words[words.index("--mmproj") + 1]
    assert projector == "/my weights/qwen3-vl-8b-gguf/mmproj-Qwen3VL-8B-Instruct-F16.gguf"


@pytest.mark.parametrize(("name", "notices"), [("geoagent", 1), ("qwen2.5-vl-7b", 0)])
def test_answers_say_that_weights_took_part_whose_licence_forbids_commercial_use(
    tmp_path: Path, name: str, notices: int
) -> None:
    place_row(tmp_path, name)
    options = PolicyOptions(policy="served", weights=name).complete(Settings(weights_dir=tmp_path))
    toolbox = with_policy(scripted_toolbox(), options)
    assert len(toolbox.notices) == notices
    assert all("CC-BY-NC-4.0 forbids commercial use" in notice for notice in toolbox.notices)
