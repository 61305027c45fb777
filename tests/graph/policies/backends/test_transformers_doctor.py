"""What `doctor` finds in a model folder before any weight is loaded."""

import json
from pathlib import Path

from geoagent_graph.policies.backends.openai.doctor import ModelFinding
from geoagent_graph.policies.backends.transformers import LocalOptions
from geoagent_graph.policies.backends.transformers_doctor import check_folder

INDEX = "model.safetensors.index.json"


def last_finding(folder: Path, kind: str | None = "qwen2_5_vl") -> ModelFinding:
    if kind is not None:
        (folder / "config.json").write_text(json.dumps({"model_type": kind}))
    return check_folder(LocalOptions(model=str(folder), device_map="cpu"))[-1]


def test_a_folder_that_is_not_there_ends_the_check(tmp_path: Path) -> None:
    found = check_folder(LocalOptions(model=str(tmp_path / "none")))
    assert [(f.name, f.state, f.advice) for f in found] == [("model", "missing", "check --model")]


def test_a_model_without_pictures_is_refused_by_its_kind(tmp_path: Path) -> None:
    found = last_finding(tmp_path, "bert")
    assert (found.state, found.found) == ("missing", "bert takes no pictures and texts")
    assert "Qwen2.5-VL" in found.advice


def test_a_config_without_a_kind_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("[]")
    found = last_finding(tmp_path, None)
    assert found.found == "config.json names no kind of model (TypeError)"


def test_missing_weights_are_named(tmp_path: Path) -> None:
    assert last_finding(tmp_path).found == "1 of 1 files are not there: model.safetensors"
    (tmp_path / "a.safetensors").write_bytes(b"")
    (tmp_path / INDEX).write_text(
        json.dumps({"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}})
    )
    found = last_finding(tmp_path)
    assert found.found == "1 of 2 files are not there: b.safetensors"
    assert found.advice == "download the model again, as safetensors"


def test_an_unreadable_index_is_said(tmp_path: Path) -> None:
    (tmp_path / INDEX).write_text("{")
    assert last_finding(tmp_path).found == f"{INDEX} cannot be read (JSONDecodeError)"


def test_weights_without_a_processor_are_not_enough(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"0" * 10)
    found = last_finding(tmp_path)
    assert (found.name, found.state) == ("processor", "missing")
    assert found.advice == "download the tokenizer and preprocessor files too"
