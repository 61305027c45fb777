"""One budget of pixels for trainer and sampler: both must turn a photo into as many tokens.

vLLM scales photos by the settings in its model folder. The recipe's `max_pixels` may be another
(the paper's stages differ: 285043, then 200000), so the engine in this process is given the
trainer's, and a server is asked what it does before anything is loaded.
"""

import base64
import io
import json
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import httpx
from PIL import Image

from geoagent_training.errors import ConfigError, ServiceError

_PROBE_SIZES: Final = ((640, 480), (1600, 1200))
_MAX_PROBE_PIXELS: Final = 20_000_000
_REQUEST_SECONDS: Final = 120.0
_SECONDS_BETWEEN: Final = 2.0
_RENDER: Final = "/v1/chat/completions/render"


def sampler_options(processor: Any) -> dict[str, Any]:
    """Return vLLM's engine options for a processor's budget; none where it has no such budget."""
    size = getattr(getattr(processor, "image_processor", None), "size", None) or {}
    edges = {name: int(size.get(name) or 0) for name in ("shortest_edge", "longest_edge")}
    return {"mm_processor_kwargs": {"size": edges}} if all(edges.values()) else {}


@contextmanager
def engine_with_budget(processor: Any) -> Iterator[None]:
    """Have TRL build its vLLM engine with the budget of a processor.

    TRL has no argument for it, so the engine's class is put together with the option beforehand.

    Raises:
        ConfigError: vLLM is not installed.
    """
    from trl.generation import vllm_generation

    engine = getattr(vllm_generation, "LLM", None)
    if engine is None:
        raise ConfigError(
            "vllm: vLLM is not installed here: install it, or leave `vllm` out of the recipe"
        )
    vllm_generation.LLM = partial(engine, **sampler_options(processor))
    try:
        yield
    finally:
        vllm_generation.LLM = engine


def server_address(args: Any) -> str:
    """Return the address of the vLLM server that TRL's arguments name."""
    given = args.vllm_server_base_url
    return str(given or f"http://{args.vllm_server_host}:{args.vllm_server_port}").rstrip("/")


def check_server_budget(address: str, processor: Any, wait_seconds: float) -> None:
    """Compare how many tokens a server and this processor make of the same photos.

    Args:
        address: of a vLLM server, without `/v1`.
        processor: of the trainer, its budget set.
        wait_seconds: how long to wait for a server that is still starting.

    Raises:
        ServiceError: the server does not answer, or cannot take photos for training.
        ConfigError: it scales photos otherwise; the message says how to start it.
    """
    with httpx.Client(base_url=address, timeout=_REQUEST_SECONDS) as client:
        model = _wait_for_model(client, wait_seconds)
        for width, height in _probe_sizes(processor):
            photo = Image.new("RGB", (width, height), "teal")
            ours, theirs = (
                _own_tokens(processor, photo),
                _server_tokens(client, model, processor, photo),
            )
            if ours != theirs:
                raise ConfigError(
                    _budget_difference(address, (width, height), ours, theirs, processor)
                )


def _probe_sizes(processor: Any) -> list[tuple[int, int]]:
    """Return the sizes of photos to compare, in pixels; one is larger than the budget."""
    options: Mapping[str, Any] = sampler_options(processor).get("mm_processor_kwargs", {})
    most = min(2 * options.get("size", {}).get("longest_edge", 0), _MAX_PROBE_PIXELS)
    side = math.isqrt(most)
    larger = [(side, side)] if side * side > _PROBE_SIZES[-1][0] * _PROBE_SIZES[-1][1] else []
    return [*_PROBE_SIZES, *larger]


def _own_tokens(processor: Any, photo: Image.Image) -> int:
    images = processor.image_processor
    grid = images(images=[photo])["image_grid_thw"][0]
    return math.prod(int(side) for side in grid) // int(images.merge_size) ** 2


def _wait_for_model(client: httpx.Client, wait_seconds: float) -> str:
    end = time.monotonic() + wait_seconds
    while True:
        try:
            models = client.get("/v1/models").raise_for_status().json()["data"]
            return str(models[0]["id"])
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            if time.monotonic() > end:
                raise ServiceError(
                    f"the vLLM server at {client.base_url} does not answer: "
                    f"{type(error).__name__} {error}. Start it, or set vllm.mode: colocate"
                ) from error
        time.sleep(_SECONDS_BETWEEN)


def _server_tokens(client: httpx.Client, model: str, processor: Any, photo: Image.Image) -> int:
    parts = [{"type": "image_url", "image_url": {"url": _data_url(photo)}}]
    body = {"model": model, "messages": [{"role": "user", "content": parts}], "max_tokens": 1}
    try:
        reply = client.post(_RENDER, json=body)
        if reply.status_code == httpx.codes.NOT_FOUND:
            raise ServiceError(
                f"the vLLM server at {client.base_url} has no {_RENDER}: start it with "
                "VLLM_SERVER_DEV_MODE=1 and --enable-scale-out"
            )
        tokens = reply.raise_for_status().json()["token_ids"]
        return [int(token) for token in tokens].count(int(processor.image_token_id))
    except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
        raise ServiceError(
            f"the vLLM server at {client.base_url} does not take a photo: "
            f"{type(error).__name__} {error}"
        ) from error


def _data_url(photo: Image.Image) -> str:
    buffer = io.BytesIO()
    photo.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _budget_difference(
    address: str, size: tuple[int, int], ours: int, theirs: int, processor: Any
) -> str:
    option = json.dumps(sampler_options(processor).get("mm_processor_kwargs", {}))
    most = sampler_options(processor)["mm_processor_kwargs"]["size"]["longest_edge"]
    return (
        f"max_pixels: the vLLM server at {address} makes {theirs} tokens of a photo of {size[0]} x "
        f"{size[1]} pixels, this recipe (max_pixels: {most}) makes {ours}. Start the server with "
        f"--mm-processor-kwargs '{option}', or set max_pixels to what it was started with"
    )
