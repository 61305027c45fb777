"""Reference photos are looked for inside the accepted place, and their absence is said."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import JsonValue

from geoagent_graph.errors import ToolError
from geoagent_graph.nodes.retrieve import retrieve
from geoagent_graph.state import dump
from geoagent_graph.testing import EUROPE, PORTUGAL
from geoagent_graph.types import Place, Reference
from tests.support.node_runs import hypothesis, node_runtime, run_state

PHOTOS = [Reference(id=f"r{n}", score=0.9, lat_deg=38.7, lon_deg=-9.1) for n in range(12)]


@dataclass
class AskedRetriever:
    """A retriever that keeps what it was asked for."""

    error: ToolError | None = None
    asked: list[tuple[int, frozenset[str] | None]] = field(default_factory=list)

    def identity(self) -> dict[str, JsonValue]:
        """Return nothing that tells it from others."""
        return {}

    def search(
        self, pixels: NDArray[np.uint8], k: int, country_codes: frozenset[str] | None = None
    ) -> list[Reference]:
        """Return the photos, or raise the error."""
        assert pixels.shape == (48, 64, 3)
        self.asked.append((k, country_codes))
        if self.error:
            raise self.error
        return PHOTOS[:k]


@pytest.mark.parametrize(
    ("within", "codes"),
    [
        (None, None),
        (EUROPE, frozenset({"PT", "ES"})),
        (PORTUGAL, frozenset({"PT"})),
        (EUROPE.model_copy(update={"continent_code": "OC"}), frozenset()),
    ],
)
async def test_the_accepted_place_bounds_the_search(
    within: Place | None, codes: frozenset[str] | None
) -> None:
    retriever = AskedRetriever()
    accepted = [dump(hypothesis(within, 0.9))] if within else []
    await retrieve(run_state(accepted=accepted), node_runtime(retriever=retriever, references=7))
    assert retriever.asked == [(7, codes)]


async def test_all_references_are_kept_and_ten_are_shown() -> None:
    update = await retrieve(run_state(), node_runtime(retriever=AskedRetriever()))
    (step,) = update["steps"]
    assert (len(update["references"]), len(step["detail"]["references"])) == (12, 10)
    assert step["summary"] == "12 reference photos, most similar r0 at 0.90"


async def test_no_index_and_no_photos_are_said() -> None:
    without = await retrieve(run_state(), node_runtime())
    assert without["steps"][0]["summary"] == "no reference index given"
    empty = await retrieve(run_state(), node_runtime(retriever=AskedRetriever(), references=0))
    assert empty["steps"][0]["summary"] == "no reference photos in this region"


async def test_a_failed_search_is_a_warning() -> None:
    retriever = AskedRetriever(ToolError("the index is gone"))
    update = await retrieve(run_state(), node_runtime(retriever=retriever))
    assert update["references"] == []
    assert update["warnings"] == ["retriever failed, the answer goes without it: the index is gone"]
