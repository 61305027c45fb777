import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("transformers")

from geoagent_graph.policies.backends.picture_processor import load_processor
from tests.support.tiny_families import build_gemma3


def test_a_saved_processor_is_the_stock_class_with_the_settings_vllm_wants(
    tiny_model: Path, tmp_path: Path
) -> None:
    load_processor(str(tiny_model)).save_pretrained(tmp_path)
    stated = json.loads((tmp_path / "processor_config.json").read_text())
    assert stated["processor_class"] == "Qwen2_5_VLProcessor"
    assert (tmp_path / "video_preprocessor_config.json").is_file()


def test_a_folder_without_a_model_is_read_by_what_its_processor_says(
    tiny_model: Path, tmp_path: Path
) -> None:
    load_processor(str(tiny_model)).save_pretrained(tmp_path)
    assert type(load_processor(str(tmp_path))).__name__ == "Qwen2_5_VLProcessor"


def test_a_model_of_the_next_generation_gets_its_own_processor(
    tiny_model: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "m"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "qwen3_vl"}))
    assert type(load_processor(str(folder))).__name__ == "Qwen3VLProcessor"


def test_other_families_keep_the_processor_of_their_own(tmp_path: Path) -> None:
    model = build_gemma3(tmp_path / "gemma", ["RUA, palm"])
    processor = load_processor(str(model))
    assert type(processor).__name__ == "Gemma3Processor"
    processor.save_pretrained(tmp_path / "saved")
    assert type(load_processor(str(tmp_path / "saved"))).__name__ == "Gemma3Processor"
    assert not (tmp_path / "saved" / "video_preprocessor_config.json").exists()


def test_a_folder_with_nothing_in_it_raises(tmp_path: Path) -> None:
    with pytest.raises((OSError, ValueError)):
        load_processor(str(tmp_path))
