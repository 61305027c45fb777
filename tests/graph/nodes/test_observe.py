"""What is found in a photo and its file, and what a new run begins with."""

from dataclasses import replace

import numpy as np

from geoagent_graph.errors import ToolError
from geoagent_graph.nodes.observe import observe
from geoagent_graph.protocols import FileClaims, Geocell, GeocellScore, TextLine
from geoagent_graph.state import dump
from geoagent_graph.testing import (
    FixedExifReader,
    FixedPhotoPlaces,
    FixedPlaceClassifier,
    FixedTextReader,
    MemoryImages,
    ScriptedPolicy,
)
from geoagent_graph.types import Box, Clue
from tests.support.node_runs import node_runtime, run_state

LINE = TextLine("Rua", Box(left=0, top=0, right=1, bottom=1), 0.9, "Latn", "pt", 0.9, "hand")
CLAIMS = FileClaims(38.7, -9.1, None, None, None, None, problems=("a broken tag",))
DRAWN = Clue(id="policy:1", kind="policy", text="azulejos", source="script")


async def test_clues_of_tools_come_before_those_of_the_policy() -> None:
    images = MemoryImages()
    image = images.open(b"a photo").image
    runtime = node_runtime(
        images=images,
        text_reader=FixedTextReader([LINE]),
        exif_reader=FixedExifReader(CLAIMS),
        policy=ScriptedPolicy.towards_lisbon(clues=[DRAWN]),
    )
    update = await observe(run_state(image=dump(image)), runtime)
    assert [clue["kind"] for clue in update["clues"]] == ["text", "exif_position", "policy"]
    assert update["warnings"] == ["metadata of the file: a broken tag"]
    assert update["steps"][0]["summary"] == (
        "read 1 line of text; the file claims a position; 1 clue drawn from it"
    )


async def test_the_file_is_not_asked_where_its_claims_do_not_count() -> None:
    runtime = node_runtime(exif_reader=FixedExifReader(replace(CLAIMS, problems=())))
    update = await observe(run_state(options={"use_exif": False}), runtime)
    assert update["clues"] == []
    assert update["steps"][0]["tools"] == []
    assert update["steps"][0]["summary"] == "no readable text; 0 clues drawn from it"


class SidecarReader:
    """Reads a position in one file and a time in the other."""

    def read(self, data: bytes) -> FileClaims:
        if data == b"the XMP":
            return FileClaims(None, None, "2024-05-06T07:08:09", None, None, None)
        return CLAIMS


async def test_the_file_beside_the_photo_is_read_too() -> None:
    images = MemoryImages()
    beside = images.open(b"the XMP").image
    image = images.open(b"a photo").image.model_copy(update={"sidecar": beside.sha256})
    runtime = node_runtime(images=images, exif_reader=SidecarReader())
    update = await observe(run_state(image=dump(image)), runtime)
    assert [clue["kind"] for clue in update["clues"]] == ["exif_position", "exif_other"]


async def test_what_a_classifier_scores_is_a_clue_and_a_tool_call() -> None:
    scores = [GeocellScore(Geocell(country_code="PT"), 0.5)]
    runtime = node_runtime(classifier=FixedPlaceClassifier(scores))
    update = await observe(run_state(), runtime)
    assert [clue["kind"] for clue in update["clues"]] == ["geocells"]
    call = update["steps"][0]["tools"][0]
    assert call["tool"] == "place_classifier"
    assert call["result"] == "looks most like the reference photos from PT"


async def test_a_failed_classifier_is_a_warning() -> None:
    runtime = node_runtime(classifier=FixedPlaceClassifier(error=ToolError("the model broke")))
    update = await observe(run_state(), runtime)
    assert update["clues"] == []
    assert update["warnings"] == [
        "place_classifier failed, the answer goes without it: the model broke"
    ]


async def test_what_a_model_sees_is_kept_as_a_clue() -> None:
    places = FixedPhotoPlaces(np.zeros(3, np.float32))
    update = await observe(run_state(), node_runtime(photo_places=places))
    (clue,) = update["clues"]
    assert (clue["kind"], clue["attributes"]) == (
        "photo_embedding", {"model": "fixed/v1", "embedding": "ADw="},
    )  # fmt: skip
    assert update["steps"][0]["tools"][0]["tool"] == "photo_places"
    broken = FixedPhotoPlaces(np.zeros(3, np.float32), error=ToolError("the model broke"))
    update = await observe(run_state(), node_runtime(photo_places=broken))
    assert update["clues"] == []
    assert update["warnings"] == [
        "photo_places failed, the answer goes without it: the model broke"
    ]


async def test_a_failed_reader_is_a_warning() -> None:
    reader = FixedTextReader(error=ToolError("no such model"))
    update = await observe(run_state(), node_runtime(text_reader=reader))
    assert update["warnings"] == ["text_reader failed, the answer goes without it: no such model"]
    assert update["clues"] == []


async def test_a_run_starts_at_the_continents() -> None:
    update = await observe(run_state(), node_runtime())
    assert (update["level"], update["attempt"], update["round"]) == ("continent", 0, 0)
    assert (update["done"], update["accepted"], update["region"]) == (False, [], None)
