"""The fakes do what they say: fixed tools, a policy that plays back, a toolbox that fits."""

from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.errors import InputError, ToolError
from geoagent_graph.protocols import RuledOut
from geoagent_graph.testing import (
    LISBON,
    PORTO,
    PORTUGAL,
    FixedEvidence,
    FixedGeocoder,
    FixedRetriever,
    FixedTextReader,
    MeanColourEncoder,
    MemoryImages,
    ScriptedPolicy,
    scripted_toolbox,
)
from geoagent_graph.trip_types import PhotoEvidence
from geoagent_graph.types import Hypothesis, Reference, Verdict
from tests.support.evidence_cases import PHOTO, situation


def test_photos_are_kept_by_their_bytes(tmp_path: Path) -> None:
    images = MemoryImages()
    path = tmp_path / "a.png"
    path.write_bytes(b"same")
    first, second = images.open(b"same").image, images.open(path, "a.png").image
    assert (first.sha256, second.name) == (second.sha256, "a.png")
    assert images.original(second) == b"same"
    assert images.open(b"other").image.sha256 != first.sha256


def test_fixed_tools_say_what_they_were_given() -> None:
    photos = [
        Reference(id=code, score=0.9, lat_deg=0, lon_deg=0, country_code=code)
        for code in ("PT", "ES", "PT")
    ]
    found = FixedRetriever(photos).search(np.zeros((1, 1, 3), np.uint8), 1, frozenset({"ES"}))
    assert [photo.id for photo in found] == ["ES"]
    with pytest.raises(ToolError, match="broken"):
        FixedTextReader(error=ToolError("broken")).read(np.zeros((1, 1, 3), np.uint8))


def test_the_geocoder_knows_towns_with_and_without_their_country() -> None:
    geocoder = FixedGeocoder()
    assert [named.place for named in geocoder.forward("Porto")] == [PORTO]
    assert [named.place for named in geocoder.forward("Porto, Portugal")] == [PORTO]
    assert geocoder.forward("Porto, Spain") == []
    assert geocoder.countries_named("Portugal") == [PORTUGAL]
    assert geocoder.reverse(80.0, 100.0).city == "Lisbon"


def test_the_mean_colour_is_a_unit_vector() -> None:
    red = np.full((2, 2, 3), (200, 0, 0), np.uint8)
    black = np.zeros((4, 4, 3), np.uint8)
    vectors = MeanColourEncoder().encode([red, black])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0])
    assert vectors[0, 0] > 0.99
    assert MeanColourEncoder().encode([]).shape == (0, 3)


async def test_the_policy_plays_back_then_accepts_the_first() -> None:
    stop = Verdict(decision="stop", reason="enough")
    policy = ScriptedPolicy.towards_lisbon(verdicts=[stop])
    at = situation("city", PORTUGAL, [])
    candidates = await policy.propose(at)
    assert [candidate.place for candidate in candidates] == [LISBON, PORTO]
    assert await policy.judge(at, candidates) == stop
    second = await policy.judge(at, candidates)
    assert (second.decision, second.place_id) == ("accept", LISBON.id)
    assert policy.seen == [at]
    assert await policy.draft(PHOTO, []) == []


def test_joined_photos_stay_where_they_are() -> None:
    judged = Hypothesis(level="city", place=LISBON, prior=0.5, probability=0.7, reason="r")
    evidence = FixedEvidence()
    known = PhotoEvidence("a", "a", levels={"city": (judged,)})
    first, second = evidence.join([known, PhotoEvidence("b", "b")]).photos
    assert (first.place.city, first.alone, first.together) == ("Lisbon", 0.7, 0.7)
    assert (second.level, second.alone) == ("none", 0.0)
    assert evidence.locate(None, (), (), RuledOut()) == evidence.point


def test_a_toolbox_refuses_a_part_that_does_not_fit() -> None:
    with pytest.raises(InputError, match="the geocoder MemoryImages has no"):
        scripted_toolbox(geocoder=MemoryImages())
