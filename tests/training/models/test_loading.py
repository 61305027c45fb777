"""Models and processors are loaded as the recipe says."""

from pathlib import Path

import pytest
from geoagent_training.errors import ConfigError
from geoagent_training.models.loading import load_processor
from PIL import Image

from geoagent_graph.testing.tiny_model import build_tiny_model

TURN = [{"role": "user", "content": [{"type": "image", "image": Image.new("RGB", (600, 400))}]}]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(build_tiny_model(tmp_path_factory.mktemp("m"), ["RUA, palm"]))


@pytest.mark.parametrize("tokens", [4, 16, 64])
def test_photos_are_scaled_to_the_pixels_of_the_recipe(model: str, tokens: int) -> None:
    processor = load_processor(model, max_pixels=28 * 28 * tokens)
    ids = processor.apply_chat_template([TURN], tokenize=True, return_dict=True)["input_ids"][0]
    assert tokens / 2 <= ids.count(processor.image_token_id) <= tokens


def test_a_folder_without_a_processor_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=str(tmp_path)):
        load_processor(str(tmp_path))


def test_saved_processors_keep_the_stock_class_name(model: str, tmp_path: Path) -> None:
    load_processor(model).save_pretrained(tmp_path)
    text = (tmp_path / "processor_config.json").read_text()
    assert '"Qwen2_5_VLProcessor"' in text
    assert "ImageOnly" not in text
