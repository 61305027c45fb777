"""Trainer and sampler make as many tokens of a photo, or the run does not start."""

import base64
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from geoagent_training.errors import ConfigError, ServiceError
from geoagent_training.models.loading import load_processor
from geoagent_training.rollouts.picture_budget import (
    check_server_budget,
    engine_with_budget,
    sampler_options,
    server_address,
)
from PIL import Image

SIDE = 28


def _server(max_pixels: int, processor: Any) -> Callable[[str, Any], tuple[int, object]]:
    """Answer like vLLM's render route, photos scaled to its own budget."""
    theirs = load_processor(processor.folder, max_pixels)

    def answer(path: str, body: Any) -> tuple[int, object]:
        if path == "/v1/models":
            return 200, {"data": [{"id": "m"}]}
        url = body["messages"][0]["content"][0]["image_url"]["url"]
        photo = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
        grid = theirs.image_processor(images=[photo])["image_grid_thw"][0]
        return 200, {"token_ids": [1, *[theirs.image_token_id] * (int(grid.prod()) // 4), 2]}

    return answer


@pytest.fixture
def processor(kit: Path) -> Any:
    loaded = load_processor(str(kit / "model"), 200_000)
    loaded.folder = str(kit / "model")
    return loaded


def test_a_server_with_the_same_budget_passes(processor: Any, serve: Callable[..., str]) -> None:
    check_server_budget(serve(_server(200_000, processor)), processor, 0)


@pytest.mark.parametrize("theirs", [100_000, 285_043, 1_000_000])
def test_a_server_with_another_budget_is_refused_with_what_to_start_it_with(
    processor: Any, serve: Callable[..., str], theirs: int
) -> None:
    with pytest.raises(ConfigError, match="max_pixels: the vLLM server at") as raised:
        check_server_budget(serve(_server(theirs, processor)), processor, 0)
    assert "makes" in str(raised.value)
    assert '--mm-processor-kwargs \'{"size": {"shortest_edge"' in str(raised.value)
    assert '"longest_edge": 200000}}' in str(raised.value)


def test_a_budget_above_what_is_sent_first_is_compared_with_a_larger_photo(
    processor: Any, serve: Callable[..., str]
) -> None:
    large = load_processor(processor.folder, 3_000_000)
    with pytest.raises(ConfigError, match="2449 x 2449"):
        check_server_budget(serve(_server(2_500_000, processor)), large, 0)


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ((404, "no"), "does not answer"),
        ((200, {"data": []}), "does not answer"),
        ((200, {"data": [{"id": "m"}]}), "does not take a photo"),
    ],
)
def test_a_server_that_cannot_be_used_is_named(
    processor: Any, serve: Callable[..., str], answer: tuple[int, object], part: str
) -> None:
    with pytest.raises(ServiceError, match=part):
        check_server_budget(serve(lambda path, body: answer), processor, 0)


def test_a_server_without_the_route_for_photos_is_told_how_to_start(
    processor: Any, serve: Callable[..., str]
) -> None:
    def answer(path: str, body: Any) -> tuple[int, object]:
        return (200, {"data": [{"id": "m"}]}) if path == "/v1/models" else (404, "")

    with pytest.raises(ServiceError, match="--enable-scale-out"):
        check_server_budget(serve(answer), processor, 0)


def test_the_engine_in_this_process_gets_the_budget_of_the_recipe(
    processor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trl.generation import vllm_generation

    built: list[dict[str, Any]] = []
    engine = lambda **options: built.append(options)  # noqa: E731
    monkeypatch.setattr(vllm_generation, "LLM", engine, raising=False)
    with engine_with_budget(processor):
        vllm_generation.LLM(model="m")
    assert built[0]["mm_processor_kwargs"]["size"]["longest_edge"] == 200_000
    assert vllm_generation.LLM is engine
    monkeypatch.delattr(vllm_generation, "LLM")
    with pytest.raises(ConfigError, match="vLLM is not installed"), engine_with_budget(processor):
        pass


def test_a_processor_without_such_a_budget_has_nothing_to_hand_over() -> None:
    assert sampler_options(SimpleNamespace()) == {}
    images = SimpleNamespace(size={"height": 224, "width": 224})
    assert sampler_options(SimpleNamespace(image_processor=images)) == {}


def test_the_address_is_the_one_trl_uses() -> None:
    given = {"vllm_server_host": "h", "vllm_server_port": 8, "vllm_server_base_url": None}
    assert server_address(SimpleNamespace(**given)) == "http://h:8"
    given["vllm_server_base_url"] = "http://x/"
    assert server_address(SimpleNamespace(**given)) == "http://x"
