"""The engines in another process say what they say in this one, and end with who asked them."""

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geoagent_graph.call_threads import OverBudget, run_in_thread, run_tool
from geoagent_graph.errors import ToolError
from geoagent_graph.perception.engine_processes import (
    EngineProcesses,
    ProcessEncoder,
    ProcessReader,
)
from geoagent_graph.perception.visual_encoder import open_visual_encoder
from geoagent_graph.settings import load_settings


@pytest.fixture(scope="module")
def engines() -> Iterator[EngineProcesses]:
    """Yield the engines with the settings of the tests."""
    made = EngineProcesses(load_settings())
    yield made
    made.close()


def sign() -> NDArray[np.uint8]:
    """Return a photo of a sign."""
    image = Image.new("RGB", (400, 120), "white")
    ImageDraw.Draw(image).text((20, 30), "Rua Augusta", "black", ImageFont.load_default(50))
    return np.asarray(image)


def test_one_process_reads_and_embeds(engines: EngineProcesses) -> None:
    (line,) = ProcessReader(engines).read(sign())
    assert (line.text, line.script, line.readable) == ("Rua Augusta", "Latn", True)
    here = open_visual_encoder(load_settings())
    encoder = ProcessEncoder(engines, here)
    assert (encoder.encoder_id, encoder.dimension) == (here.encoder_id, here.dimension)
    vectors = encoder.encode([sign(), sign()[:60]])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert vectors[0] @ vectors[1] < 0.99
    assert encoder.encode([]).shape == (0, encoder.dimension)
    places = encoder.place_encoder
    assert places is not None
    assert places.encode([sign()]).shape == (1, here.place_encoder.dimension)
    assert len(engines._pool._idle) == 1


async def test_a_cancelled_run_ends_the_engine(
    engines: EngineProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = ProcessReader(engines)
    (worker,) = engines._pool._idle
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    exchange = worker._exchange_messages

    def tell_and_exchange(*message: object) -> object:
        loop.call_soon_threadsafe(asked.set)
        return exchange(*message)  # type: ignore[arg-type]

    monkeypatch.setattr(worker, "_exchange_messages", tell_and_exchange)
    task = asyncio.create_task(run_in_thread(reader.read, np.tile(sign(), (9, 3, 1))))
    await asked.wait()
    task.cancel()
    await asyncio.wait([task])
    await asyncio.to_thread(worker._process.wait, 60)
    assert worker.is_ended


async def test_a_budget_ends_the_engine(engines: EngineProcesses) -> None:
    large = np.tile(sign(), (9, 3, 1))
    with pytest.raises(OverBudget, match=r"more than its 0\.05 s"):
        await run_tool("reader", 0.05, ProcessReader(engines).read, large)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (EOFError(), "its process ended early"),
        (OSError(12, "no memory"), r"cannot be started \(no memory\)"),
        (({"fault": "a model is missing"}, b""), "a model is missing"),
    ],
)
def test_an_engine_that_cannot_work_says_so(
    engines: EngineProcesses, monkeypatch: pytest.MonkeyPatch, reply: Any, words: str
) -> None:
    def ask_worker(*_: object, **__: object) -> Any:
        if isinstance(reply, Exception):
            raise reply
        return reply

    monkeypatch.setattr(engines._pool, "ask_worker", ask_worker)
    with pytest.raises(ToolError, match=words):
        engines.ask("read", [sign()])
